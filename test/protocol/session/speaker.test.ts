// What a side says and when: acknowledgements, credit, PING and the rest, beside its messages.

import assert from "node:assert/strict";
import { test } from "node:test";
import { frameTypes, readUint64 } from "../../../src/protocol/session/frames.js";
import type { SessionLimits } from "../../../src/protocol/session/session-limits.js";
import { ack, frame, framesIn, none, type SeenFrame, SessionSide, text } from "../../support/session-side.js";

/** A client on its first link, that has said its first ACK. */
function clientOf(limits: Partial<SessionLimits> = {}, peerLimits: Partial<SessionLimits> = {}): SessionSide {
  const side = new SessionSide({ limits, peerLimits });
  side.attach();
  assert.deepEqual(side.said(), ["ack"]);
  return side;
}

function message(seq: number, bytes = 10): Uint8Array {
  return frame("data", { seq, payload: new Uint8Array(bytes) });
}

function count(seen: SeenFrame | undefined, at = 0): number | undefined {
  return readUint64(seen?.payload ?? none, at);
}

test("an ACK may wait 50 ms, not longer", () => {
  const side = clientOf();
  side.receive(message(1));
  assert.deepEqual(side.said(), []);
  assert.equal(side.machine.deadline, 50);
  side.advance(20);
  side.receive(message(2));
  side.advance(29);
  assert.deepEqual(side.said(), []);
  side.advance(1);
  assert.ok(side.wantsToWrite);
  const [seen, ...others] = side.frames();
  assert.equal(count(seen), 2);
  assert.deepEqual(others, []);
  side.advance(100);
  assert.deepEqual(side.said(), [], "nothing new came");
});

test("an ACK goes out at once after 64 KiB", () => {
  const side = clientOf();
  side.receive(message(1, 65_000));
  assert.deepEqual(side.said(), []);
  side.receive(message(2, 472));
  assert.deepEqual(side.said(), [], "65,472 and 64 are one too few");
  side.receive(message(3));
  assert.equal(count(side.frames()[0]), 3);
});

test("an ACK goes out at once after a quarter of a small outbox", () => {
  const side = clientOf(
    {},
    { outboxBytesMax: 1_000, streamCreditBytes: 500, messageBytesMax: 500, openBytesMax: 64 },
  );
  side.receive(message(1, 250));
  assert.deepEqual(side.said(), ["ack"]);
  for (const seq of [2, 3, 4]) side.receive(message(seq, 0));
  assert.deepEqual(side.said(), []);
  side.receive(message(5, 0));
  assert.deepEqual(side.said(), ["ack"], "even empty ones cost 64");
});

test("an ACK goes with any write, and before all else in it", () => {
  const side = clientOf();
  side.receive(message(1));
  side.machine.send(side.machine.streams.main, text("a reply"), false);
  const [write, ...others] = side.writes();
  assert.deepEqual(others, []);
  assert.deepEqual(
    framesIn(write ?? none).map(({ name }) => name),
    ["ack", "data"],
  );
});

test("what is due does not wait behind a large outbox, and nothing goes inside a frame", () => {
  const side = clientOf();
  for (let count = 0; count < 10; count += 1) {
    side.machine.send(side.machine.streams.main, new Uint8Array(5_000), false);
  }
  const first = side.machine.writing(side.now);
  assert.ok(first !== undefined);
  side.receive(frame("ping", { payload: text("01234567") }), message(1));
  const wire: Uint8Array[] = [first.bytes.slice()];
  first.release();
  const second = side.machine.writing(side.now);
  wire.push(second?.bytes.slice() ?? none);
  second?.release();
  wire.push(...side.writes());
  const frames = framesIn(Buffer.concat(wire)).map(({ name }) => name);
  assert.equal(frames.filter((name) => name === "data").length, 10);
  assert.ok(frames.indexOf("ack") < 3 && frames.indexOf("ack") > 0, frames.join(" "));
  assert.equal(frames[frames.indexOf("ack") + 1], "pong");
});

test("PING is answered at once, with its own bytes", () => {
  const side = clientOf();
  side.receive(frame("ping", { payload: text("01234567") }));
  const [pong] = side.frames();
  assert.equal(pong?.name, "pong");
  assert.deepEqual(pong?.payload, text("01234567"));
});

test("flush asks behind all that was sent, and not where all is acknowledged", () => {
  const side = clientOf();
  side.machine.flush();
  assert.ok(side.wantsToWrite);
  assert.deepEqual(side.said(), []);
  side.machine.send(side.machine.streams.main, text("hello"), false);
  side.machine.flush();
  assert.deepEqual(side.said(), ["data #1", "ping"]);
  side.receive(ack(1));
  side.machine.flush();
  assert.deepEqual(side.said(), []);
});

test("the round trip is that of the PING which is answered, and a made-up PONG says nothing", () => {
  const side = clientOf();
  assert.equal(side.machine.roundTripMs, undefined);
  side.receive(frame("pong", { payload: new Uint8Array(8).fill(0xff) }));
  side.receive(frame("pong", { payload: Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 0) }));
  assert.equal(side.machine.roundTripMs, undefined);
  side.advance(10);
  side.machine.send(side.machine.streams.main, text("hello"), false);
  side.machine.flush();
  const ping = side.frames().find(({ name }) => name === "ping");
  side.now += 7;
  side.receive(frame("pong", { payload: ping?.payload ?? none }));
  assert.equal(side.machine.roundTripMs, 7);
});

test("small CREDIT may wait 50 ms, and a quarter of the allowance goes out at once", () => {
  const side = clientOf({ mainCreditBytes: 262_144 });
  side.receive(message(1), message(2, 65_000), message(3, 600));
  side.writes();
  side.read();
  assert.deepEqual(side.said(), []);
  side.advance(49);
  assert.deepEqual(side.said(), []);
  side.advance(1);
  const [small] = side.frames();
  assert.deepEqual([count(small), count(small, 8)], [262_144 + 64, 1]);
  side.read();
  assert.deepEqual(side.said(), []);
  side.read();
  const [large] = side.frames();
  assert.deepEqual([count(large), count(large, 8)], [262_144 + 64 + 65_600, 3]);
});

test("CREDIT goes with the next write, if there is one", () => {
  const side = clientOf();
  side.receive(message(1));
  side.read();
  side.machine.send(side.machine.streams.main, none, false);
  assert.deepEqual(side.said(), ["ack", "credit", "data #1"]);
});

test("credit that is due no more leaves no empty write behind", () => {
  const side = clientOf({ streamCreditBytes: 262_144 });
  const flow = side.open("mine");
  side.writes();
  side.receive(frame("data", { seq: 1, stream: 1, payload: new Uint8Array(65_472) }));
  side.writes();
  side.machine.close("enough");
  side.writes();
  side.read(flow);
  side.machine.abort(flow, { code: "enough", reason: "" }, new Error());
  assert.deepEqual(side.said(), []);
});

test("GOAWAY and CREDIT are said again on a new link, before any message", () => {
  const side = clientOf();
  const flow = side.open("mine");
  side.machine.goAway({ reason: "soon", retryAfterMs: 5 });
  assert.deepEqual(side.said(), ["goAway", "open on 1 #1"]);
  side.machine.detach();
  side.attach(0);
  assert.deepEqual(side.said(), ["ack", "credit", "credit on 1", "goAway", "open on 1 #1"]);
  side.receive(ack(1), frame("end", { seq: 1, stream: 1 }));
  side.machine.detach();
  side.attach(1);
  assert.deepEqual(side.said(), ["ack", "credit", "goAway"], "the other side has ended");
  assert.equal(flow.sending, "open");
});

test("whatever is said last is not followed by what the outbox holds", () => {
  const side = clientOf();
  for (let sent = 0; sent < 3; sent += 1) {
    side.machine.send(side.machine.streams.main, new Uint8Array(3_000), false);
  }
  const begun = side.machine.writing(side.now);
  assert.ok(begun !== undefined && begun.bytes.length > 3_000);
  side.receive(message(1));
  side.machine.end({ by: "local", code: "aborted", reason: "enough" });
  const rest = side.writes();
  const frames = framesIn(Buffer.concat([begun.bytes, ...rest]));
  assert.deepEqual(
    frames.slice(-2).map(({ name }) => name),
    ["ack", "close"],
  );
  assert.ok(frames.filter(({ name }) => name === "data").length < 3);
});

test("what waits for credit is said before CLOSE is", () => {
  const side = clientOf({}, { mainCreditBytes: 64, messageBytesMax: 64 });
  const { main } = side.machine.streams;
  side.machine.send(main, new Uint8Array(64), false);
  side.wait(main, frameTypes.data, { message: text("waiting") });
  side.machine.close("enough");
  assert.deepEqual(side.said(), ["data #1"]);
  const allowance = new Uint8Array(16);
  allowance[0] = 128;
  allowance[8] = 1;
  side.receive(frame("credit", { payload: allowance }));
  assert.deepEqual(side.said(), ["close", "data #2"]);
});
