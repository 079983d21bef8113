// What ends are told with, and that no reason is too long for its frame.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { UsageError } from "../../../src/core/errors.js";
import { wordsBytesMax } from "../../../src/protocol/session/frames.js";
import { Violation } from "../../../src/protocol/session/violation.js";
import {
  decodeAbort,
  decodeClose,
  decodeGoAway,
  decodeReject,
  encodeAbort,
  encodeClose,
  encodeGoAway,
  encodeReject,
} from "../../../src/protocol/session/words.js";
import { bytesOf } from "../../support/handshakes.js";

const code = fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/);
const count = fc.maxSafeNat();
/** Nothing in it that a terminal would act on. */
const printable = (text: string) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text);
const unit = fc.string({ unit: "binary", minLength: 1, maxLength: 1 }).filter(printable);
const shortReason = fc.string({ unit, maxLength: 100 });

test("what is written is read", () => {
  fc.assert(
    fc.property(code, shortReason, count, (word, reason, number) => {
      const abort = { code: word, reason };
      assert.deepEqual(decodeAbort(encodeAbort(abort)), abort);
      const goAway = { reason, retryAfterMs: number };
      assert.deepEqual(decodeGoAway(encodeGoAway(goAway)), goAway);
      const reject = { code: word, reason, retryAfterMs: number };
      assert.deepEqual(decodeReject(encodeReject(reject)), reject);
      const close = { final: word === "closed" ? number : 0, code: word, reason };
      assert.deepEqual(decodeClose(encodeClose(close)), close);
    }),
  );
});

test("a reason that is too long is cut between two characters, and says so", () => {
  fc.assert(
    fc.property(fc.string({ unit, minLength: 900, maxLength: 1_500 }), (reason) => {
      const payload = encodeReject({ code: "x".repeat(64), reason, retryAfterMs: Number.MAX_SAFE_INTEGER });
      assert.ok(payload.length <= wordsBytesMax);
      const read = decodeReject(payload).reason;
      if (read === reason) return;
      assert.ok(read.endsWith("…"));
      assert.ok([...reason].join("\n").startsWith([...read.slice(0, -1)].join("\n")));
      assert.ok(payload.length >= wordsBytesMax - 12, "and no shorter than it must be");
    }),
  );
});

test("a reason fits to the last byte, and a megabyte of it is no work", () => {
  const empty = encodeAbort({ code: "a", reason: "" }).length;
  const fits = "x".repeat(wordsBytesMax - empty);
  assert.equal(decodeAbort(encodeAbort({ code: "a", reason: fits })).reason, fits);
  const cut = encodeAbort({ code: "a", reason: `${fits}x` });
  assert.equal(cut.length, wordsBytesMax);
  assert.deepEqual(encodeAbort({ code: "a", reason: "x".repeat(1_000_000) }), cut);
});

test("no bytes are an empty object, where that is enough", () => {
  const none = new Uint8Array(0);
  assert.deepEqual(decodeAbort(none), { code: "aborted", reason: "" });
  assert.deepEqual(decodeAbort(bytesOf("{}")), { code: "aborted", reason: "" });
  assert.deepEqual(decodeGoAway(none), { reason: "", retryAfterMs: 0 });
  for (const decode of [decodeClose, decodeReject]) assert.throws(() => decode(none), Violation);
});

test("a CLOSE in order says its last frame; with any other code that means nothing", () => {
  assert.throws(() => decodeClose(bytesOf('{"code":"closed"}')), Violation);
  assert.equal(decodeClose(bytesOf('{"code":"later","final":"x"}')).final, 0);
});

test("words that are none are refused", () => {
  for (const text of [
    "[]",
    '{"code":""}',
    '{"code":"two words"}',
    `{"code":"${"x".repeat(65)}"}`,
    '{"code":1}',
    '{"code":"a","reason":1}',
    '{"code":"a","reason":null}',
  ]) {
    for (const decode of [decodeAbort, decodeReject, decodeClose]) {
      assert.throws(() => decode(bytesOf(text)), Violation, text);
    }
  }
  assert.throws(() => decodeGoAway(bytesOf('{"retryAfterMs":-1}')), Violation);
});

test("a code that is no word is the caller's mistake", () => {
  for (const wrong of ["", "two words", "x".repeat(65), "größe"]) {
    assert.throws(() => encodeAbort({ code: wrong, reason: "" }), UsageError);
    assert.throws(() => encodeClose({ final: 0, code: wrong, reason: "" }), UsageError);
    assert.throws(() => encodeReject({ code: wrong, reason: "", retryAfterMs: 0 }), UsageError);
  }
});

test("what a terminal would act on is no part of a reason that is read", () => {
  const reason = "a\u001b[2Jb\nc\u202ed";
  assert.equal(decodeAbort(encodeAbort({ code: "x", reason })).reason, "a\uFFFD[2Jb\uFFFDc\uFFFDd");
});
