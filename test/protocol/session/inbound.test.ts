// A link's bytes cut into frames: once and in order, in every cut, and stopped at the header where they may not come.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Flow } from "../../../src/protocol/session/flow.js";
import { type FrameName, headerBytes, readUint24 } from "../../../src/protocol/session/frames.js";
import { Inbound } from "../../../src/protocol/session/inbound.js";
import { sessionLimits } from "../../../src/protocol/session/session-limits.js";
import { Violation } from "../../../src/protocol/session/violation.js";
import { cutAnywhere, cutEverywhere, cutNowhere, joined, seeded } from "../../../src/testing/cuts.js";
import { frame, text } from "../../support/session-side.js";

/** Notes all that an `Inbound` tells, and reads messages as soon as it is told of them. */
function inboundOf() {
  const flow = new Flow({
    id: 0,
    name: "",
    metadata: undefined,
    isOurs: true,
    allowedByPeer: 0,
    allowedToPeer: 2 ** 24,
  });
  const told: string[] = [];
  let refused: FrameName | undefined;
  const inbound = new Inbound(sessionLimits({ messageBytesMax: 1_000, openBytesMax: 100 }), {
    flowFor(stream, payloadBytes) {
      if (stream === 99) throw new Violation("stream", "not in use");
      assert.ok(payloadBytes <= 1_000);
      return flow;
    },
    admit(name) {
      if (name === refused) throw new Violation("type", "not now");
    },
    onFrame(name, stream, isLast, payload) {
      if (payload[0] === 0xff) throw new Violation("malformed", "it cannot be read");
      told.push(`${name}${isLast ? " last" : ""} ${stream} ${Buffer.from(payload).toString()}`);
    },
    onMessages(from) {
      while (from.readableBytes > 0) {
        const length = readUint24(from.input.peek(), 0);
        const whole = from.input.take(headerBytes + length);
        told.push(`message ${Buffer.from(whole.subarray(headerBytes)).toString()}`);
      }
    },
    onDropped: (_, payloadBytes) => told.push(`dropped ${payloadBytes}`),
    onLast: () => told.push("last"),
  });
  return { flow, told, inbound, refuse: (name: FrameName) => (refused = name) };
}

function violation(code: string) {
  return (error: unknown) => error instanceof Violation && error.code === code;
}

const wire = joined([
  frame("ack", { payload: text("01234567") }),
  frame("data", { seq: 1, payload: text("one") }),
  frame("data", { seq: 2 }),
  frame("data", { seq: 3, payload: text("three") }),
  frame("ping", { payload: text("saywhat?") }),
  frame("open", { seq: 4, stream: 1, payload: text("open a stream") }),
  frame("data", { seq: 5, stream: 1, isLast: true, payload: text("the last") }),
  frame("data", { seq: 6, stream: 1, isLast: true }),
]);
const expected = [
  "ack 0 01234567",
  "message one",
  "message ",
  "message three",
  "ping 0 saywhat?",
  "open 1 open a stream",
  "message the last",
  "last",
  "message ",
  "last",
];

test("a link's bytes give the same in every cut", () => {
  const random = seeded(7);
  const cuts = [cutNowhere, cutEverywhere, ...Array.from({ length: 50 }, () => cutAnywhere(random))];
  for (const [index, cut] of cuts.entries()) {
    const { inbound, told, flow } = inboundOf();
    for (const piece of cut(wire)) {
      const chunk = piece.slice();
      inbound.receive(chunk);
      chunk.fill(0xee);
    }
    assert.deepEqual(told, expected, `cut ${index}`);
    assert.equal(inbound.received, 6);
    assert.equal(flow.messagesReceived, 5);
    assert.equal(inbound.receivedBytes, 6 * 64);
  }
});

test("a frame that came before is skipped, and changes nothing", () => {
  for (const cut of [cutNowhere, cutEverywhere]) {
    const { inbound, told } = inboundOf();
    inbound.receive(wire);
    told.length = 0;
    const again = joined([
      frame("data", { seq: 1, payload: text("one") }),
      frame("open", { seq: 4, stream: 1, payload: text("open a stream") }),
      frame("data", { seq: 6, stream: 99 }),
      frame("data", { seq: 7, payload: text("seven") }),
    ]);
    for (const piece of cut(again)) inbound.receive(piece);
    assert.deepEqual(told, ["message seven"]);
    assert.equal(inbound.received, 7);
  }
});

test("a frame that is missing, or that never was, is a gap, and nothing is delivered", () => {
  const { inbound, told } = inboundOf();
  for (const seq of [2, 0, 2 ** 31 + 1, 2 ** 32 - 1]) {
    inbound.restart();
    assert.throws(
      () => inbound.receive(frame("data", { seq, payload: text("x") })),
      violation("gap"),
      `${seq}`,
    );
  }
  assert.deepEqual(told, []);
  assert.equal(inbound.received, 0);
});

test("numbers go on beyond 32 bits, of which the wire has the lower ones", () => {
  const { inbound, told } = inboundOf();
  inbound.received = 2 ** 32 - 2;
  inbound.receive(frame("data", { seq: 2 ** 32 - 1, payload: text("the last below") }));
  inbound.receive(frame("data", { seq: 0, payload: text("the first above") }));
  inbound.receive(frame("data", { seq: 2 ** 32 - 1, payload: text("again") }));
  inbound.receive(frame("data", { seq: 0, payload: text("again") }));
  inbound.receive(frame("data", { seq: 1, payload: text("and on") }));
  assert.deepEqual(told, ["message the last below", "message the first above", "message and on"]);
  assert.equal(inbound.received, 2 ** 32 + 1);
  assert.throws(() => inbound.receive(frame("data", { seq: 3 })), violation("gap"));
});

test("nothing comes behind the final frame", () => {
  const { inbound, told } = inboundOf();
  inbound.receive(frame("data", { seq: 1 }));
  inbound.final = 1;
  inbound.receive(frame("data", { seq: 1 }));
  assert.throws(() => inbound.receive(frame("data", { seq: 2 })), violation("final"));
  assert.deepEqual(told, ["message "]);
});

test("the header alone decides what may come", () => {
  const bad: [code: string, bytes: Uint8Array][] = [
    ["type", frame(0x0c)],
    ["type", frame(0x02)],
    ["type", frame(0x45)],
    ["type", frame("end", { seq: 1, stream: 1, isLast: true })],
    ["type", frame("end", { seq: 1 })],
    ["type", frame("open", { seq: 1, payload: new Uint8Array(5) })],
    ["type", frame("ack", { stream: 1, payload: new Uint8Array(8) })],
    ["type", frame("ack", { seq: 1, payload: new Uint8Array(8) })],
    ["type", frame("data", { seq: 1, isLast: true })],
    ["length", frame("ack", { payload: new Uint8Array(7) })],
    ["length", frame("credit", { payload: new Uint8Array(17) })],
    ["length", frame("end", { seq: 1, stream: 1, payload: new Uint8Array(1) })],
    ["length", frame("abort", { seq: 1, stream: 1, payload: new Uint8Array(1_025) })],
    ["length", frame("data", { seq: 1, payload: new Uint8Array(1_001) })],
    ["length", frame("open", { seq: 1, stream: 1, payload: new Uint8Array(1_101) })],
    ["length", frame("open", { seq: 1, stream: 1, payload: new Uint8Array(4) })],
    ["stream", frame("data", { seq: 1, stream: 99 })],
  ];
  for (const [code, bytes] of bad) {
    for (const cut of [cutNowhere, cutEverywhere]) {
      const { inbound, told } = inboundOf();
      const receive = () => {
        for (const piece of cut(bytes.subarray(0, headerBytes))) inbound.receive(piece);
      };
      assert.throws(receive, violation(code), `${bytes}`);
      assert.deepEqual(told, []);
    }
  }
});

test("a duplicate is held to the table as well", () => {
  const { inbound } = inboundOf();
  inbound.receive(wire);
  const long = frame("data", { seq: 1, payload: new Uint8Array(1_001) });
  assert.throws(() => inbound.receive(long), violation("length"));
  inbound.restart();
  assert.throws(() => inbound.receive(frame("data", { seq: 1, isLast: true })), violation("type"));
});

test("what came before a violation is delivered, and the frame itself has not arrived", () => {
  const { inbound, told, refuse } = inboundOf();
  refuse("end");
  const bytes = joined([
    frame("data", { seq: 1, payload: text("good") }),
    frame("end", { seq: 2, stream: 1 }),
  ]);
  assert.throws(() => inbound.receive(bytes), violation("type"));
  assert.deepEqual(told, ["message good"]);
  assert.equal(inbound.received, 1);
});

test("a frame whose payload cannot be read has not arrived either", () => {
  const { inbound } = inboundOf();
  const unreadable = frame("open", { seq: 1, stream: 1, payload: new Uint8Array(5).fill(0xff) });
  assert.throws(() => inbound.receive(unreadable), violation("malformed"));
  assert.equal(inbound.received, 0);
});

test("the part of a message that came before its link broke has not arrived", () => {
  const whole = joined([
    frame("data", { seq: 1, payload: text("one") }),
    frame("data", { seq: 2, payload: text("two") }),
    frame("open", { seq: 3, stream: 1, payload: text("three") }),
  ]);
  for (let at = 1; at < whole.length; at += 1) {
    for (const cut of [cutNowhere, cutEverywhere]) {
      const { inbound, told } = inboundOf();
      for (const piece of cut(whole.subarray(0, at))) inbound.receive(piece);
      inbound.restart();
      const sizes = [15, 30, whole.length].map((end, index) => (at < end ? index : undefined));
      const received = sizes.find((size) => size !== undefined) ?? 3;
      assert.equal(inbound.received, received, `cut at ${at}`);
      for (const piece of cut(whole)) inbound.receive(piece);
      assert.deepEqual(told, ["message one", "message two", "open 1 three"], `cut at ${at}`);
    }
  }
});

test("a stream that nobody will read is counted and dropped, from inside a message on", () => {
  for (const cut of [cutNowhere, cutEverywhere]) {
    const { inbound, told, flow } = inboundOf();
    const bytes = joined([frame("data", { seq: 1, payload: text("one") }), frame("data", { seq: 2 })]);
    for (const piece of cut(bytes.subarray(0, 13))) inbound.receive(piece);
    inbound.discard(flow);
    for (const piece of cut(bytes.subarray(13))) inbound.receive(piece);
    assert.deepEqual(told, ["dropped 3", "dropped 0"]);
    assert.equal(flow.input.size, 0);
    assert.equal(flow.messagesReceived, 2);
    inbound.receive(frame("data", { seq: 3, stream: 1, isLast: true }));
    assert.deepEqual(told.slice(2), ["dropped 0", "last"]);
  }
});

test("once it is over nothing is taken, not even the rest of a chunk", () => {
  const { inbound, told } = inboundOf();
  inbound.isOver = true;
  inbound.receive(wire);
  assert.deepEqual(told, []);
});
