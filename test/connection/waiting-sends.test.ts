import assert from "node:assert/strict";
import { test } from "node:test";
import { type FrameParts, WaitingSends } from "../../src/connection/waiting-sends.js";
import { DisconnectedError } from "../../src/core/errors.js";

const none = new Uint8Array(0);
const frameOf = (size: number): FrameParts => ({
  header: none,
  payload: new Uint8Array(size),
  trailer: none,
});

function waitingSends(limits = { sendBufferBytes: 100, sendCallsMax: 3 }) {
  const state = { aborted: 0 };
  const waiting = new WaitingSends(limits, "memory:peer", () => {
    state.aborted += 1;
  });
  return { waiting, state };
}

test("sends leave in the order in which they came, and resolve as they leave", async () => {
  const { waiting } = waitingSends();
  const first = frameOf(1);
  const outcomes = [waiting.add(first, undefined), waiting.add(frameOf(2), undefined)];
  assert.deepEqual([waiting.count, waiting.bytes], [2, 3]);
  assert.equal(waiting.shift()?.payload, first.payload);
  await outcomes[0];
  assert.equal(waiting.shift()?.payload.length, 2);
  await outcomes[1];
  assert.equal(waiting.shift(), undefined);
  assert.equal(waiting.bytes, 0);
});

test("more calls or bytes than the bounds are refused, naming the bound; the first may be of any size", async () => {
  const { waiting } = waitingSends();
  void waiting.add(frameOf(1_000), undefined);
  await assert.rejects(waiting.add(frameOf(1), undefined), { name: "LimitError", limit: "sendBufferBytes" });
  waiting.shift();
  for (let count = 0; count < 3; count += 1) void waiting.add(frameOf(1), undefined);
  await assert.rejects(waiting.add(frameOf(1), undefined), {
    name: "LimitError",
    limit: "sendCallsMax",
    message: /send memory:peer: sendCallsMax is 3, got 4; await each send/,
  });
  assert.equal(waiting.count, 3);
});

test("an aborted send is gone as if it had never been, and the others keep their order", async () => {
  const { waiting, state } = waitingSends();
  const stop = new AbortController();
  void waiting.add(frameOf(1), undefined);
  const aborted = waiting.add(frameOf(2), stop.signal);
  void waiting.add(frameOf(3), undefined);
  stop.abort(new Error("no longer wanted"));
  await assert.rejects(aborted, { message: "no longer wanted" });
  assert.deepEqual([waiting.count, waiting.bytes, state.aborted], [2, 4, 1]);
  assert.deepEqual([waiting.shift()?.payload.length, waiting.shift()?.payload.length], [1, 3]);
});

test("a signal that fires after its send has left changes nothing", async () => {
  const { waiting, state } = waitingSends();
  const stop = new AbortController();
  const sent = waiting.add(frameOf(1), stop.signal);
  waiting.shift();
  await sent;
  const other = waiting.add(frameOf(2), undefined);
  stop.abort();
  assert.deepEqual([waiting.count, waiting.bytes, state.aborted], [1, 2, 0]);
  waiting.shift();
  await other;
});

test("a failure rejects all that wait", async () => {
  const { waiting } = waitingSends();
  const outcomes = [waiting.add(frameOf(1), undefined), waiting.add(frameOf(1), undefined)];
  waiting.fail(new DisconnectedError("ERR_CONNECTION_RESET", "gone"));
  for (const outcome of outcomes) await assert.rejects(outcome, { code: "ERR_CONNECTION_RESET" });
  assert.deepEqual([waiting.count, waiting.bytes], [0, 0]);
});

test("a signal that fires as its send leaves, before the caller knows, deletes nobody else's", () => {
  const { waiting, state } = waitingSends();
  const stop = new AbortController();
  void waiting.add(frameOf(1), stop.signal);
  void waiting.add(frameOf(2), undefined);
  waiting.shift();
  stop.abort();
  assert.deepEqual([waiting.count, waiting.bytes, state.aborted], [1, 2, 0]);
});
