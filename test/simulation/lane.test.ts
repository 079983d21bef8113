// The checker of one lane must see every mistake that a network could hide.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Lane } from "./lane.js";

/** A lane with so many messages taken, and their bytes. */
function laneOf(count: number): { lane: Lane; messages: Uint8Array[] } {
  const lane = new Lane(7, "a lane");
  const messages = Array.from({ length: count }, (_, index) => {
    const { bytes, settle } = lane.call(10 + index);
    settle(true);
    return bytes;
  });
  return { lane, messages };
}

test("what comes out in order is right, and then nothing is outstanding", () => {
  const { lane, messages } = laneOf(3);
  for (const message of messages) lane.deliver(message.slice());
  lane.end();
  assert.equal(lane.outstanding, 0);
  assert.equal(lane.delivered, 3);
});

test("a message that is lost, doubled, late, spoilt or made up is told", () => {
  const [first, second] = [new Uint8Array(), new Uint8Array()];
  const attempt = (deliver: (messages: readonly Uint8Array[]) => readonly (Uint8Array | undefined)[]) => {
    const { lane, messages } = laneOf(3);
    for (const message of deliver(messages)) lane.deliver(message ?? new Uint8Array());
  };
  assert.throws(() => attempt(([, b = second]) => [b]), /message 1 .* came out instead of message 0/);
  assert.throws(() => attempt(([a = first]) => [a, a]), /message 0 .* came out instead of message 1/);
  assert.throws(() => attempt(([a, b, c]) => [a, c, b]), /message 2 .* came out instead of message 1/);
  assert.throws(() => attempt((all) => [...all, all[2]]), /message 2 .* came out where nothing was left/);
  assert.throws(
    () => attempt(([a = first]) => [a.map((byte, index) => (index === 4 ? byte ^ 1 : byte))]),
    /something of 10 bytes that was never sent/,
  );
});

test("an end with messages missing is told, unless the lane was given up", () => {
  const { lane } = laneOf(2);
  assert.throws(() => lane.end(), /a lane: it ended with 2 messages missing/);
  lane.isGivenUp = true;
  lane.end();
});

test("a send that failed is passed over, and must not come out", () => {
  const lane = new Lane(1, "a lane");
  const refused = lane.call(20);
  const taken = lane.call(30);
  refused.settle(false);
  taken.settle(true);
  assert.equal(lane.outstanding, 1);
  lane.deliver(taken.bytes);
  const late = lane.call(40);
  lane.deliver(late.bytes);
  assert.throws(() => late.settle(false), /message 2 came out and its send failed/);
});

test("what is said to be unacknowledged must be the last that was taken, and behind every flush", () => {
  const { lane, messages } = laneOf(4);
  lane.unacknowledged(messages.slice(2));
  lane.unacknowledged([]);
  assert.throws(() => lane.unacknowledged(messages.slice(1, 3)), /message 1 .* is said to be unacknowledged/);
  lane.flushed(3);
  assert.throws(() => lane.unacknowledged(messages.slice(2)), /2 are said to be .*, but 3 of 4 were flushed/);
});
