// Which streams are in use, and who may open one more.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sessionLimits } from "../../../src/protocol/session/session-limits.js";
import { idBehind, Streams } from "../../../src/protocol/session/streams.js";
import { Violation } from "../../../src/protocol/session/violation.js";

function streamsOf(isClient = true, ours = {}, theirs = {}): Streams {
  return new Streams(isClient, sessionLimits(ours), sessionLimits(theirs), 0);
}

function violation(code: string) {
  return (error: unknown) => error instanceof Violation && error.code === code;
}

test("stream 0 is there from the beginning, with an allowance of its own", () => {
  const streams = streamsOf(true, {}, { mainCreditBytes: 300_000 });
  assert.equal(streams.get(0), streams.main);
  assert.deepEqual([...streams], [streams.main]);
  assert.equal(streams.size, 0);
  assert.ok(streams.main.hasCredit(300_000));
  assert.ok(!streams.main.hasCredit(300_001));
  assert.ok(streams.main.mayArrive(1_048_576));
});

test("the client takes odd ids and the server even ones, rising by two", () => {
  const [client, server] = [streamsOf(true), streamsOf(false)];
  const ids = (streams: Streams) => [1, 2, 3].map(() => streams.open("", undefined).id);
  assert.deepEqual(ids(client), [1, 3, 5]);
  assert.deepEqual(ids(server), [2, 4, 6]);
});

test("ids begin again behind the last, each side with its own", () => {
  assert.equal(idBehind(2 ** 32 - 3), 2 ** 32 - 1);
  assert.equal(idBehind(2 ** 32 - 1), 1);
  assert.equal(idBehind(2 ** 32 - 4), 2 ** 32 - 2);
  assert.equal(idBehind(2 ** 32 - 2), 2);
});

test("who may have so many streams opens no more until one is over", () => {
  const streams = streamsOf(true, {}, { streamsMax: 2 });
  const first = streams.open("first", { some: "metadata" });
  assert.deepEqual(first.metadata, { some: "metadata" });
  streams.open("second", undefined);
  assert.ok(!streams.mayOpen);
  assert.equal(streams.size, 2);
  assert.ok(!streams.releaseIfOver(first));
  first.endSending();
  first.sendingOver();
  first.receivingOver();
  assert.ok(streams.releaseIfOver(first));
  assert.ok(streams.mayOpen);
  assert.equal(streams.get(1), undefined);
  streams.release(first);
  assert.equal(streams.size, 1, "it is released once");
});

test("a peer may open its own ids that are free, and no more than were announced", () => {
  const streams = streamsOf(true, { streamsMax: 2 });
  assert.throws(() => streams.checkOpen(1), violation("stream"));
  streams.checkOpen(8);
  const flow = streams.accept(8, "theirs", undefined);
  assert.ok(!flow.isOurs);
  assert.throws(() => streams.checkOpen(8), violation("stream"));
  streams.accept(2, "", undefined);
  assert.throws(() => streams.checkOpen(4), violation("streams"));
  streams.release(flow);
  streams.checkOpen(8);
});

test("a peer aborts its own streams as fast as a bucket of 2,048 allows, which earns 256 a second", () => {
  const streams = streamsOf();
  for (let count = 0; count < 2_048; count += 1) streams.countAbort(0);
  assert.throws(() => streams.countAbort(0), violation("abuse"));
  streams.countAbort(1_000);
  for (let count = 0; count < 254; count += 1) streams.countAbort(1_000);
  assert.throws(() => streams.countAbort(1_000), violation("abuse"));
  for (let count = 0; count < 2_048; count += 1) streams.countAbort(3_600_000);
  assert.throws(() => streams.countAbort(3_600_000), violation("abuse"), "the bucket holds no more");
});
