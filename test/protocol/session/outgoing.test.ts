// What enters the outbox, and what waits before it may.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Flow } from "../../../src/protocol/session/flow.js";
import { frameTypes, lastFlag } from "../../../src/protocol/session/frames.js";
import { Outbox } from "../../../src/protocol/session/outbox.js";
import { Outgoing } from "../../../src/protocol/session/outgoing.js";
import { decodeAbort } from "../../../src/protocol/session/words.js";
import { PoisonedSlabs } from "../../support/poisoned-slabs.js";

const { data, end, open, abort } = frameTypes;
const none = new Uint8Array(0);

function outgoingOf(bytesMax = 256) {
  const outbox = new Outbox(bytesMax, new PoisonedSlabs());
  const outgoing = new Outgoing(outbox);
  const events: string[] = [];
  const wait = (name: string, flow: Flow, type: number, bytes?: number) => {
    const send = {
      flow,
      type,
      first: none,
      second: new Uint8Array(bytes ?? 0),
      messageBytes: bytes,
      onTaken: () => events.push(`${name} taken`),
      onFailed: ({ message }: Error) => events.push(`${name} failed: ${message}`),
    };
    outgoing.wait(send);
    return send;
  };
  const acknowledgeAll = () => {
    while (outbox.unwritten > 0) outbox.next(false).release();
    outbox.acknowledge(outbox.sent, () => {});
    outgoing.admit();
  };
  return { outbox, outgoing, events, wait, acknowledgeAll };
}

function flowOf(id: number, allowedByPeer = 1_000): Flow {
  return new Flow({ id, name: "", metadata: undefined, isOurs: true, allowedByPeer, allowedToPeer: 0 });
}

test("what has credit and room is taken at once, with the next number", () => {
  const { outbox, outgoing, events, wait } = outgoingOf();
  const flow = flowOf(1);
  assert.ok(!flow.isOpened);
  wait("open", flow, open);
  assert.ok(flow.isOpened);
  assert.ok(outgoing.hasRoom(flow, 100));
  outgoing.takeMessage(flow, new Uint8Array(100), false);
  wait("last", flow, data | lastFlag, 10);
  assert.equal(flow.sending, "ended");
  assert.deepEqual(events, ["open taken", "last taken"]);
  assert.equal(outbox.sent, 3);
  assert.deepEqual(
    [...outbox.frames()].map(({ type }) => type),
    [open, data, data | lastFlag],
  );
});

test("a message larger than the room waits, and nobody passes it by", () => {
  const { outgoing, events, wait, acknowledgeAll } = outgoingOf();
  const [one, other] = [flowOf(1), flowOf(3)];
  wait("first", one, data, 200);
  wait("large", one, data, 100);
  assert.ok(!outgoing.hasRoom(other, 10), "there is room, but somebody waits for it");
  wait("small", other, data, 10);
  assert.equal(outgoing.waitingSize, 2);
  assert.deepEqual(events, ["first taken"]);
  acknowledgeAll();
  assert.deepEqual(events, ["first taken", "large taken", "small taken"]);
});

test("a message without credit lets other streams pass, and goes when credit comes", () => {
  const { outgoing, events, wait } = outgoingOf();
  const [poor, rich] = [flowOf(1, 64), flowOf(3)];
  wait("first", poor, data, 64);
  wait("second", poor, data, 64);
  assert.ok(!outgoing.hasRoom(poor, 0));
  wait("third", rich, data, 64);
  assert.deepEqual(events, ["first taken", "third taken"]);
  poor.allow(128, 1);
  outgoing.onCredit(poor);
  assert.deepEqual(events.at(-1), "second taken");
});

test("END needs neither credit nor room", () => {
  const { events, wait } = outgoingOf();
  wait("full", flowOf(1), data, 256);
  wait("waiting", flowOf(3), data, 1);
  const flow = flowOf(5, 0);
  wait("end", flow, end);
  assert.deepEqual(events, ["full taken", "end taken"]);
  assert.equal(flow.sending, "ended");
});

test("a send that is cancelled makes way, and one that was taken cannot be", () => {
  const { outgoing, events, wait } = outgoingOf();
  const flow = flowOf(1);
  const first = wait("first", flow, data, 200);
  const large = wait("large", flow, data, 100);
  wait("small", flow, data, 30);
  assert.ok(!outgoing.cancel(first));
  assert.ok(outgoing.cancel(large));
  assert.deepEqual(events, ["first taken"], "64 is what a small one costs");
  outgoing.fail(flow, new Error("over"));
  assert.deepEqual(events.at(-1), "small failed: over");
  assert.equal(outgoing.waitingSize, 0);
});

test("ABORT is said once, and ends a direction that has not ended", () => {
  const { outbox, outgoing } = outgoingOf();
  const flow = flowOf(1);
  outgoing.sayAbort(flow, { code: "enough", reason: "why not" });
  outgoing.sayAbort(flow, { code: "again", reason: "" });
  assert.equal(flow.sending, "ended");
  const [frame, ...others] = outbox.frames();
  assert.deepEqual(others, []);
  assert.equal(frame?.type, abort);
  assert.deepEqual(decodeAbort(frame?.payload ?? none), { code: "enough", reason: "why not" });

  const ended = flowOf(3);
  outgoing.takeMessage(ended, none, true);
  outgoing.sayAbort(ended, { code: "enough", reason: "" });
  assert.equal(outbox.sent, 3);
});
