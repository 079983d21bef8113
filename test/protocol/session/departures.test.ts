// A stream that is given up: by ABORT, without a word, or by nobody's reading it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { frameTypes } from "../../../src/protocol/session/frames.js";
import { decodeAbort } from "../../../src/protocol/session/words.js";
import { SessionPair } from "../../support/session-pair.js";
import { ack, frame, none, SessionSide, text } from "../../support/session-side.js";

const enough = { code: "enough", reason: "I have all that I wanted" };
const tiny = { outboxBytesMax: 128, openBytesMax: 64, streamCreditBytes: 64, messageBytesMax: 64 };

function clientOf(limits = {}): SessionSide {
  const side = new SessionSide({ limits });
  side.attach();
  side.writes();
  return side;
}

test("ABORT ends both directions, and the id is free when the other side has answered", () => {
  const pair = new SessionPair();
  pair.connect();
  const flow = pair.client.open("mine", text("first"));
  pair.settle();
  const [theirs] = pair.server.opened;
  assert.ok(theirs !== undefined);
  const failed: string[] = [];
  const waiting = { onFailed: ({ message }: Error) => failed.push(message) };
  pair.client.wait(flow, frameTypes.data, { message: new Uint8Array(262_144), ...waiting });
  pair.client.machine.abort(flow, enough, new Error("changed my mind"));
  assert.deepEqual(failed, ["changed my mind"]);
  pair.settle();
  assert.deepEqual(theirs.abortedByPeer, enough);
  // Each side learns with the other's next ACK.
  pair.advance(50);
  pair.settle();
  assert.equal(pair.server.machine.streams.size, 0);
  assert.equal(pair.client.machine.streams.size, 0);
  assert.deepEqual(pair.server.read(theirs), text("first"), "what had arrived stays readable");
});

test("what comes before the answer is taken and dropped", () => {
  const side = clientOf();
  const flow = side.open("mine");
  side.writes();
  side.receive(frame("data", { seq: 1, stream: 1, payload: text("unread") }));
  side.machine.abort(flow, enough, new Error());
  assert.equal(flow.readableBytes, 0);
  assert.deepEqual(side.said(), ["ack", "abort on 1 #2"]);
  side.receive(frame("data", { seq: 2, stream: 1, payload: text("on its way") }));
  side.receive(frame("abort", { seq: 3, stream: 1 }), ack(2));
  assert.equal(flow.readableBytes, 0);
  assert.equal(side.machine.received, 3);
  assert.equal(side.machine.streams.size, 0);
});

test("ABORT may come behind one's own END, and is said once", () => {
  const side = clientOf();
  const flow = side.open("mine");
  side.wait(flow, frameTypes.end);
  side.machine.abort(flow, enough, new Error());
  side.machine.abort(flow, enough, new Error());
  const frames = side.frames();
  assert.deepEqual(
    frames.map(({ name }) => name),
    ["open", "end", "abort"],
  );
  assert.deepEqual(decodeAbort(frames[2]?.payload ?? none), enough);
});

test("a stream that has ended both ways needs no ABORT", () => {
  const side = clientOf();
  const flow = side.open("mine", none, true);
  side.writes();
  side.receive(frame("data", { seq: 1, stream: 1, isLast: true, payload: text("unread") }));
  side.machine.abort(flow, enough, new Error());
  assert.deepEqual(
    side.said().filter((words) => words !== "ack"),
    [],
  );
  assert.equal(flow.input.size, 0);
});

test("a stream whose OPEN still waits is given up without a word, and leaves nothing behind", () => {
  const side = clientOf(tiny);
  side.machine.send(side.machine.streams.main, new Uint8Array(64), false);
  side.machine.send(side.machine.streams.main, new Uint8Array(64), false);
  const failed: string[] = [];
  const flow = side.machine.streams.open("mine", undefined);
  const onFailed = ({ message }: Error) => failed.push(message);
  side.wait(flow, frameTypes.open, { head: new Uint8Array(5), onFailed });
  side.wait(flow, frameTypes.data, { message: none, onFailed });
  side.machine.abort(flow, enough, new Error("changed my mind"));
  assert.deepEqual(failed, ["changed my mind", "changed my mind"]);
  assert.equal(side.machine.streams.size, 0);
  side.writes();
  side.receive(ack(2));
  assert.deepEqual(side.said(), []);
});

test("an OPEN that is cancelled takes with it what waits behind it", () => {
  const side = clientOf(tiny);
  side.machine.send(side.machine.streams.main, new Uint8Array(128), false);
  const flow = side.machine.streams.open("mine", undefined);
  const failed: string[] = [];
  const open = side.wait(flow, frameTypes.open, { head: new Uint8Array(5) });
  const message = side.wait(flow, frameTypes.data, { message: none });
  side.wait(flow, frameTypes.end, { onFailed: ({ message: why }) => failed.push(why) });
  assert.ok(side.machine.cancel(message));
  assert.equal(side.machine.streams.size, 1, "a message is no stream");
  assert.ok(side.machine.cancel(open));
  assert.ok(!side.machine.cancel(open));
  assert.deepEqual(failed, ["the stream was not opened"]);
  assert.equal(side.machine.streams.size, 0);
});

test("nobody's stream is read to its end, so that its sender may go on", () => {
  const pair = new SessionPair({ server: { streamCreditBytes: 262_144 } });
  pair.connect();
  const flow = pair.client.open("mine", new Uint8Array(262_144));
  pair.settle();
  const [theirs] = pair.server.opened;
  assert.ok(theirs !== undefined);
  assert.ok(!flow.hasCredit(0));
  pair.server.machine.discard(theirs);
  pair.settle();
  assert.ok(flow.hasCredit(262_144));
  assert.deepEqual(flow.untaken, { messages: 0, bytes: 0 });
  pair.client.machine.send(flow, new Uint8Array(262_144), false);
  pair.settle();
  assert.ok(flow.hasCredit(262_144));
  assert.equal(theirs.input.size, 0);
});

test("a side that closes does not say that somebody has read what it drops", () => {
  const pair = new SessionPair();
  pair.connect();
  const flow = pair.client.open("mine", text("unread"));
  pair.settle();
  const [theirs] = pair.server.opened;
  assert.ok(theirs !== undefined);
  pair.server.machine.close("enough");
  pair.server.machine.discard(theirs);
  pair.settle();
  assert.deepEqual(flow.untaken, { messages: 1, bytes: 64 });
});
