// A WebSocket as bytes, and what both views of it share: ends, refusals, and what follows them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { LimitError, ProtocolError, RefusedError } from "../../../src/core/errors.js";
import { limits } from "../../../src/core/limits.js";
import { BytesOverLink } from "../../../src/transport/websocket/link-bytes.js";
import { FakeLink, Notes } from "./fake-link.js";

function scene() {
  const link = new FakeLink();
  const stream = new BytesOverLink(link);
  const notes = new Notes();
  stream.start(notes);
  return { link, stream, notes };
}

test("a write is one binary message, and several where it is longer than a peer must take", () => {
  const { link, stream } = scene();
  assert.equal(stream.write(Buffer.from("hello")), true);
  assert.deepEqual(link.log, ["binary:hello"]);
  link.log.length = 0;
  stream.write(new Uint8Array(2 * limits.linkMessageBytesMax + 1));
  assert.deepEqual(
    link.log.map((entry) => entry.length - "binary:".length),
    [limits.linkMessageBytesMax, limits.linkMessageBytesMax, 1],
  );
  assert.deepEqual([stream.id, stream.local, stream.remote], [link.id, link.local, link.remote]);
  assert.deepEqual([stream.tls, stream.request], [undefined, undefined]);
});

test("what comes is bytes, and nothing of an empty message", () => {
  const { link, stream, notes } = scene();
  link.sink?.onMessage(Buffer.from("ab"), false);
  link.sink?.onMessage(new Uint8Array(0), false);
  link.sink?.onMessage(Buffer.from("c"), false);
  assert.deepEqual(notes.log, ["ab", "c"]);
  stream.pause();
  stream.resume();
  assert.deepEqual(link.log, ["pause", "resume"]);
});

test("a text message is refused with 1003, and nothing behind it is delivered", () => {
  const { link, notes } = scene();
  link.sink?.onMessage(Buffer.from("hi"), true);
  link.sink?.onMessage(Buffer.from("ab"), false);
  assert.deepEqual(link.log, ["close 1003 a session is binary messages, and the peer sent text"]);
  link.sink?.onClosed(undefined, 1003, "");
  assert.deepEqual(notes.log, [
    "closed ws://127.0.0.1:2: a session is binary messages, and the peer sent text",
  ]);
});

test("the end is a Close frame, behind what is under way", () => {
  const { link, stream, notes } = scene();
  link.isFlushed = false;
  assert.equal(stream.write(Buffer.from("ab")), false);
  stream.end();
  assert.deepEqual(link.log, ["binary:ab"]);
  link.isFlushed = true;
  link.sink?.onWritten();
  assert.deepEqual([link.log.at(-1), notes.log], ["close 1000", ["written"]]);
  stream.end();
  assert.equal(link.log.length, 2, "once");
  link.sink?.onClosed(undefined, 1000, "");
  assert.deepEqual(notes.log, ["written", "end", "closed in order"]);
});

test("an abort is untold, unless it is for what the peer did", () => {
  for (const [refusal, done] of [
    [undefined, "abort"],
    [new LimitError("frameBytesMax", 2, 1), "close 1009 frameBytesMax is 1, got 2"],
    [new ProtocolError("ERR_INVALID_MESSAGE", "remote", "not JSON"), "close 1007 not JSON"],
    [new ProtocolError("ERR_TRUNCATED", "remote", "cut"), "close 1002 cut"],
    [new RefusedError("not you"), "close 1008 not you"],
  ] as const) {
    const { link, stream, notes } = scene();
    stream.abort(refusal);
    assert.deepEqual(link.log, [done]);
    link.sink?.onMessage(Buffer.from("late"), false);
    link.sink?.onWritten();
    stream.abort(refusal);
    assert.equal(link.log.at(-1), "abort", "a second one waits for nothing");
    link.sink?.onClosed(undefined, undefined, "");
    assert.deepEqual(notes.log, ["closed in order"]);
  }
  const { link, stream } = scene();
  stream.release();
  assert.deepEqual(link.log, ["abort"]);
});

test("each code of the peer's is an end in order, with its words, or an error", () => {
  for (const [code, reason, told] of [
    [1000, "", ["end", "closed in order"]],
    [1005, "", ["end", "closed in order"]],
    [1000, "bye", ["end", "closed closed with 1000 (bye)"]],
    [1001, "", ["end", "closed closed with 1001 (going away)"]],
    [3000, "", ["end", "closed closed with 3000"]],
    [4999, "a\u0007b", ["end", "closed closed with 4999 (a b)"]],
    [
      1009,
      "",
      [
        "closed ws://127.0.0.1:2: the peer closed with 1009 (a message that is too long for it); send less at once, or let the peer take more",
      ],
    ],
    [1013, "later", ["closed ws://127.0.0.1:2: the peer closed with 1013 (later)"]],
    [1006, "", ["closed ws://127.0.0.1:2: the connection ended without a Close frame"]],
  ] as const) {
    const { link, notes } = scene();
    link.sink?.onClosed(undefined, code, reason);
    assert.deepEqual(notes.log, told);
  }
});
