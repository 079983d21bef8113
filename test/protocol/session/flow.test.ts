// One stream's counters: what may be sent, what may come, and what each side knows.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Flow } from "../../../src/protocol/session/flow.js";
import { Violation } from "../../../src/protocol/session/violation.js";
import { text } from "../../support/session-side.js";

function flowOf(
  options: { isOurs?: boolean; id?: number; allowedByPeer?: number; allowedToPeer?: number } = {},
) {
  return new Flow({
    id: 1,
    name: "flow",
    metadata: undefined,
    isOurs: true,
    allowedByPeer: 1_000,
    allowedToPeer: 1_000,
    ...options,
  });
}

const isCreditViolation = (error: unknown) => error instanceof Violation && error.code === "credit";

test("a message may be sent while the peer allows all of it, and costs 64 at least", () => {
  const flow = flowOf({ allowedByPeer: 200 });
  assert.ok(flow.hasCredit(200));
  assert.ok(!flow.hasCredit(201));
  flow.spend(0);
  assert.ok(flow.hasCredit(136));
  assert.ok(!flow.hasCredit(137));
  assert.throws(() => flow.spend(137), /without credit/);
});

test("CREDIT raises the allowance, and tells what was taken", () => {
  const flow = flowOf({ allowedByPeer: 100 });
  flow.spend(100);
  assert.ok(!flow.hasCredit(0));
  assert.deepEqual(flow.untaken, { messages: 1, bytes: 100 });
  flow.allow(200, 1);
  assert.ok(flow.hasCredit(100));
  assert.deepEqual(flow.untaken, { messages: 0, bytes: 0 });
});

test("CREDIT that falls, or counts more than was sent, is a violation and changes nothing", () => {
  const flow = flowOf({ allowedByPeer: 200 });
  flow.spend(70);
  flow.spend(1);
  flow.allow(270, 1);
  for (const [allowed, taken] of [
    [269, 1],
    [270, 0],
    [270, 3],
    [335, 2],
  ] as const) {
    assert.throws(() => flow.allow(allowed, taken), isCreditViolation, `${allowed} ${taken}`);
  }
  flow.allow(334, 2);
  flow.allow(334, 2);
});

test("a peer may send what it was allowed, and more as messages are taken", () => {
  const flow = flowOf({ allowedToPeer: 100 });
  assert.ok(flow.mayArrive(100));
  assert.ok(!flow.mayArrive(101));
  flow.arrive(50);
  assert.ok(!flow.mayArrive(37));
  assert.equal(flow.messagesReceived, 1);
  flow.take(50);
  assert.ok(flow.mayArrive(100));
  assert.throws(() => flow.take(0), /more was taken than had arrived/);
});

test("a quarter of the first allowance is owed at once", () => {
  const flow = flowOf({ allowedToPeer: 1_000 });
  for (const size of [100, 149, 0]) flow.arrive(size);
  flow.take(100);
  flow.take(149);
  assert.equal(flow.owedBytes, 249);
  assert.ok(!flow.isCreditUrgent);
  flow.take(0);
  assert.ok(flow.isCreditUrgent);
  assert.deepEqual(flow.tell(), { bytesAllowed: 1_313, messagesTaken: 3 });
  assert.equal(flow.owedBytes, 0);
});

test("a stream is over when both directions are", () => {
  const flow = flowOf();
  flow.endSending();
  assert.equal(flow.sending, "ended");
  flow.receivingOver();
  assert.ok(!flow.isOver);
  flow.sendingOver();
  assert.ok(flow.isOver);
  assert.throws(() => flow.endSending(), /a session that is over cannot: last frame sent/);
});

test("a stream of ours is the peer's business from its OPEN on, any other always", () => {
  assert.ok(!flowOf().isOpened);
  assert.ok(flowOf({ isOurs: false }).isOpened);
  assert.ok(flowOf({ id: 0 }).isOpened);
});

test("what came of a message that is not whole can be taken back", () => {
  const flow = flowOf();
  flow.input.append(text("whole, part"));
  flow.incompleteBytes = 4;
  assert.equal(flow.readableBytes, 7);
  flow.dropIncomplete();
  assert.equal(flow.readableBytes, 7);
  assert.equal(flow.input.size, 7);
});
