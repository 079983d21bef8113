// An end in order, from each side's view.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Closing } from "../../../src/protocol/session/closing.js";
import { Violation } from "../../../src/protocol/session/violation.js";
import { decodeClose } from "../../../src/protocol/session/words.js";

const isFinal = (error: unknown) => error instanceof Violation && error.code === "final";
const close = (final: number, reason = "") => ({ final, code: "closed", reason });

test("whoever wishes to close says CLOSE, and is done when both have said it and answered", () => {
  const closing = new Closing();
  closing.ask("enough");
  closing.ask("another reason");
  assert.deepEqual(decodeClose(closing.say(3)), close(3, "enough"));
  closing.hear(close(5), 4);
  assert.ok(!closing.owesAck(4));
  assert.ok(closing.owesAck(5));
  closing.ackSaid();
  assert.ok(!closing.isDone);
  assert.equal(closing.ending, undefined);
  closing.hearAck(true);
  assert.ok(closing.isSettled);
  assert.deepEqual(closing.ending, { by: "local", code: "closed", reason: "enough" });
});

test("whoever only hears of it ends by the other's wish, in the other's words", () => {
  const closing = new Closing();
  closing.hear(close(0, "their reason"), 0);
  assert.ok(closing.isHeard);
  assert.ok(!closing.isAsked);
  assert.equal(decodeClose(closing.say(0)).reason, "");
  closing.ackSaid();
  closing.hearAck(true);
  assert.deepEqual(closing.ending, { by: "remote", code: "closed", reason: "their reason" });
});

test("on another link CLOSE is heard and answered again before the side that is done may leave", () => {
  const closing = new Closing();
  closing.ask("");
  closing.say(0);
  closing.hear(close(0), 0);
  closing.ackSaid();
  closing.hearAck(true);
  closing.restart();
  assert.ok(closing.isDone);
  assert.ok(!closing.isSettled);
  closing.hear(close(0), 0);
  assert.ok(closing.owesAck(0));
  closing.ackSaid();
  assert.ok(!closing.isSettled);
  closing.hearAck(true);
  assert.ok(closing.isSettled);
});

test("a final frame does not change, and is not one that was passed already", () => {
  const closing = new Closing();
  assert.throws(() => closing.hear(close(2), 3), isFinal);
  closing.hear(close(4), 3);
  assert.throws(() => closing.hear(close(5), 3), isFinal);
  closing.hear(close(4), 4);
});

test("CLOSE_ACK without CLOSE, or before all is acknowledged, is a violation", () => {
  const closing = new Closing();
  assert.throws(() => closing.hearAck(true), isFinal);
  closing.say(1);
  assert.throws(() => closing.hearAck(false), isFinal);
  closing.hearAck(true);
});

test("CLOSE is said once; what is said again is the same words", () => {
  const closing = new Closing();
  assert.equal(closing.words, undefined);
  const words = closing.say(1);
  assert.equal(closing.words, words);
  assert.ok(closing.isSaid);
  assert.throws(() => closing.say(2), /cannot: CLOSE said/);
});
