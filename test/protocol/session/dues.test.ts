// What is to be said besides messages: the latest of each, and when.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Dues } from "../../../src/protocol/session/dues.js";
import { Flow } from "../../../src/protocol/session/flow.js";
import { readUint64 } from "../../../src/protocol/session/frames.js";
import { framesIn, text } from "../../support/session-side.js";

const never = Number.POSITIVE_INFINITY;

function flowOf(id: number): Flow {
  return new Flow({
    id,
    name: "",
    metadata: undefined,
    isOurs: true,
    allowedByPeer: 0,
    allowedToPeer: 1_000,
  });
}

function framesOf(dues: Dues) {
  const memory = new Uint8Array(dues.bytes);
  dues.writeTo(memory);
  return framesIn(memory);
}

test("ACK goes first, then CREDIT, and what ends the session last", () => {
  const dues = new Dues(50);
  dues.closeAck();
  dues.close(text("{}"));
  dues.goAway(text('{"reason":"soon"}'));
  dues.pong(text("pong-pon"));
  dues.ping(text("ping-pin"));
  const flow = flowOf(3);
  flow.arrive(100);
  flow.take(100);
  dues.credit(flow, 0);
  dues.ack(7, 0);
  const frames = framesOf(dues);
  assert.deepEqual(
    frames.map(({ name }) => name),
    ["ack", "credit", "ping", "pong", "goAway", "close", "closeAck"],
  );
  const [ack, credit] = frames;
  assert.equal(readUint64(ack?.payload ?? text(""), 0), 7);
  assert.equal(credit?.stream, 3);
  assert.equal(readUint64(credit?.payload ?? text(""), 0), 1_100);
  assert.equal(readUint64(credit?.payload ?? text(""), 8), 1);
  assert.equal(dues.bytes, 0);
  assert.equal(dues.deadline, never);
  assert.ok(!dues.isUrgent);
});

test("ACK and small CREDIT may wait 50 ms from the first of them; a quarter of the allowance may not", () => {
  const dues = new Dues(50);
  dues.ack(1, 100);
  dues.ack(2, 140);
  assert.equal(dues.deadline, 150);
  const flow = flowOf(1);
  flow.arrive(250);
  flow.take(64);
  dues.credit(flow, 120);
  assert.ok(!dues.isUrgent);
  assert.equal(dues.deadline, 150);
  flow.take(186);
  dues.credit(flow, 130);
  assert.ok(dues.isUrgent);
  assert.deepEqual(
    framesOf(dues).map(({ name }) => name),
    ["ack", "credit"],
  );
});

test("of several PINGs the last is answered", () => {
  const dues = new Dues(50);
  dues.pong(text("first---"));
  dues.pong(text("second--"));
  const frames = framesOf(dues);
  assert.equal(frames.length, 1);
  assert.deepEqual(frames[0]?.payload, text("second--"));
});

test("a stream that the other side has ended is owed nothing", () => {
  const dues = new Dues(50);
  const flow = flowOf(1);
  dues.credit(flow, 0);
  assert.ok(flow.isCreditDue);
  dues.forgetCredit(flow);
  assert.ok(!flow.isCreditDue);
  assert.equal(dues.bytes, 0);
});

test("with a new link only what holds for the session is still due", () => {
  const dues = new Dues(50);
  const flow = flowOf(1);
  dues.ack(1, 0);
  dues.credit(flow, 0);
  dues.ping(text("ping-pin"));
  dues.pong(text("pong-pon"));
  dues.closeAck();
  dues.goAway(text("{}"));
  dues.close(text("{}"));
  dues.restart();
  assert.ok(!flow.isCreditDue);
  assert.deepEqual(
    framesOf(dues).map(({ name }) => name),
    ["goAway", "close"],
  );
});
