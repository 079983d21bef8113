import assert from "node:assert/strict";
import { test } from "node:test";
import { DatagramInbox } from "../../src/connection/datagram-inbox.js";
import { systemClock } from "../../src/core/clock.js";
import { DisconnectedError } from "../../src/core/errors.js";

const from = "udp://127.0.0.1:9";
const refused = (reason: string) => new DisconnectedError("ERR_CONNECTION_REFUSED", reason);

function inboxOf(datagramsQueuedMax: number, datagramQueueBytes: number) {
  return new DatagramInbox<string>(
    { datagramsQueuedMax, datagramQueueBytes },
    systemClock,
    "udp://127.0.0.1:1",
  );
}

test("what waits is bounded in number and in bytes, and reading makes room", async () => {
  const inbox = inboxOf(2, 100);
  assert.ok(inbox.hasRoom(1000), "one alone always may");
  inbox.push({ data: "one", from }, 60);
  assert.ok(inbox.hasRoom(40));
  assert.ok(!inbox.hasRoom(41));
  inbox.push({ data: "two", from }, 40);
  assert.ok(!inbox.hasRoom(0));
  assert.deepEqual(await inbox.receive(), { data: "one", from });
  assert.ok(inbox.hasRoom(60));
  assert.ok(!inbox.hasRoom(61));
});

test("a failure is told between the datagrams it came between, the newest alone, and once", async () => {
  const inbox = inboxOf(9, 9);
  inbox.push({ data: "before", from }, 1);
  inbox.fail(refused("old"));
  inbox.push({ data: "after", from }, 1);
  inbox.fail(refused("new"));
  assert.equal((await inbox.receive())?.data, "before");
  await assert.rejects(inbox.receive(), { message: "new" });
  assert.equal((await inbox.receive())?.data, "after");
});

test("failures that nobody reads take no room", () => {
  const inbox = inboxOf(3, 9);
  for (let time = 0; time < 1_000; time += 1) {
    inbox.fail(refused("again"));
    assert.equal(inbox.takeFailure()?.reason, "again");
  }
  assert.equal(inbox.takeFailure(), undefined);
  assert.ok(inbox.hasRoom(1));
});

test("a failure that was taken elsewhere is passed over, by a reader who waits as well", async () => {
  const inbox = inboxOf(9, 9);
  const waiting = inbox.receive();
  inbox.fail(refused("taken"));
  inbox.takeFailure();
  inbox.push({ data: "next", from }, 1);
  assert.equal((await waiting)?.data, "next");
});

test("after the end what waits is read, and then undefined", async () => {
  const inbox = inboxOf(9, 9);
  inbox.push({ data: "last", from }, 1);
  inbox.end();
  assert.equal((await inbox.receive())?.data, "last");
  assert.equal(await inbox.receive(), undefined);
});

test("time that is up, or a signal, ends the wait and not the inbox", async () => {
  const inbox = inboxOf(9, 9);
  await assert.rejects(inbox.receive({ timeoutMs: 0 }), {
    message: "receive udp://127.0.0.1:1: nothing came within 0 ms",
  });
  const stop = new AbortController();
  const waiting = inbox.receive({ timeoutMs: 60_000, signal: stop.signal });
  stop.abort(new Error("changed my mind"));
  await assert.rejects(waiting, { message: "changed my mind" });
  inbox.push({ data: "kept", from }, 1);
  assert.equal((await inbox.receive({ timeoutMs: 60_000 }))?.data, "kept");
});
