import assert from "node:assert/strict";
import { test } from "node:test";
import { ArrivedStreams } from "../../src/session/arrived-streams.js";

test("streams are taken in the order in which they came, by whoever waits or comes later", async () => {
  const arrived = new ArrivedStreams<{ name: string }>();
  const reader = arrived.iterate();
  const waiting = reader.next();
  for (const name of ["a", "b", "c"]) arrived.push({ name });
  assert.equal((await waiting).value?.name, "a");
  for await (const stream of arrived.iterate()) {
    assert.equal(stream.name, "b");
    break;
  }
  assert.equal((await reader.next()).value?.name, "c");
});

test("one that was given up before anybody took it is gone; a second reader is refused", async () => {
  const arrived = new ArrivedStreams<object>();
  const [gone, kept] = [{}, {}];
  arrived.push(gone);
  arrived.push(kept);
  assert.equal(arrived.drop(gone), true);
  assert.equal(arrived.drop(gone), false);
  const reader = arrived.iterate();
  assert.equal((await reader.next()).value, kept);
  const waiting = reader.next();
  await assert.rejects(arrived.iterate().next(), { code: "ERR_BUSY" });
  arrived.end();
  assert.deepEqual(await waiting, { done: true, value: undefined });
});

test("at the end those that are here are still taken, and none is added", async () => {
  const arrived = new ArrivedStreams<object>();
  const here = {};
  arrived.push(here);
  arrived.end();
  arrived.push({});
  const reader = arrived.iterate();
  assert.equal((await reader.next()).value, here);
  assert.equal((await reader.next()).done, true);
});
