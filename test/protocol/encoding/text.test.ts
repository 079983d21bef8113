import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ProtocolError, UsageError } from "../../../src/core/errors.js";
import { text } from "../../../src/protocol/encoding/text.js";
import { encodingContract } from "../../../src/testing/encoding-contract.js";

const notStrings = [1, null, undefined, Uint8Array.of(65), ["a"], new String("boxed")];
const ascii = [{ sent: "" }, { sent: "hello" }, { sent: "a\0b\r\n\x7f" }, { sent: "x".repeat(10_000) }];

encodingContract(test, text(), {
  messages: [
    ...ascii,
    { sent: "\ufeffmarked" },
    { sent: "grüße, 世界, 👩‍🚀" },
    { sent: "é€😀".repeat(2_000) },
    { sent: "\ufffd" },
  ],
  examples: [
    { message: "é€😀", bytes: Uint8Array.of(0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80) },
    { message: "\ufeff", bytes: Uint8Array.of(0xef, 0xbb, 0xbf) },
  ],
  unsendable: [...notStrings, "\ud83d", "a\ude00", "\ud83dx".repeat(5_000)],
  broken: [
    Uint8Array.of(0xff),
    Uint8Array.of(0x61, 0xc3),
    Uint8Array.of(0xc0, 0x80),
    Uint8Array.of(0xed, 0xa0, 0x80),
    Uint8Array.of(0xf4, 0x90, 0x80, 0x80),
  ],
});

encodingContract(test, text({ charset: "ascii" }), {
  name: "text(ascii)",
  messages: ascii,
  unsendable: [...notStrings, "é", "ok so far €", "\ud83d"],
  broken: [Uint8Array.of(0x80), Uint8Array.of(0x61, 0xc3, 0xa9)],
});

encodingContract(test, text({ charset: "latin1" }), {
  name: "text(latin1)",
  messages: [...ascii, { sent: "é\x80\x9fÿ" }, { sent: "ÿ".repeat(10_000) }],
  // In windows-1252, which platforms call latin1, 0x80 is the euro sign.
  examples: [{ message: "\x80\x9f\xff", bytes: Uint8Array.of(0x80, 0x9f, 0xff) }],
  unsendable: [...notStrings, "€", "Ā", "😀"],
});

test("a character that is cut in two is held back until the rest has come", () => {
  const encoder = text().open();
  assert.equal(encoder.decode(Uint8Array.of(0x61, 0xe2), true), "a");
  assert.equal(encoder.decode(Uint8Array.of(0x82), true), undefined);
  assert.equal(encoder.decode(Uint8Array.of(0xac, 0x62), true), "€b");
  encoder.end();
});

test("an input that ends inside a character is truncated", () => {
  const encoder = text().open();
  encoder.decode(Uint8Array.of(0xe2, 0x82), true);
  assert.throws(() => encoder.end(), { code: "ERR_TRUNCATED", by: "remote" });
});

test("bytes that are no UTF-8 are an error across a cut as well", () => {
  const encoder = text().open();
  assert.equal(encoder.decode(Uint8Array.of(0xe2), true), undefined);
  assert.throws(() => encoder.decode(Uint8Array.of(0x61), true), { code: "ERR_INVALID_BYTES", by: "remote" });
});

test("where replacing is asked for, what is invalid becomes U+FFFD", () => {
  const bytes = Uint8Array.of(0x61, 0xff, 0x62);
  assert.equal(text({ invalid: "replace" }).open().decode(bytes, false), "a\ufffdb");
  assert.equal(text({ invalid: "replace" }).open().decode(bytes, true), "a\ufffdb");
  assert.equal(text({ charset: "ascii", invalid: "replace" }).open().decode(bytes, false), "a\ufffdb");
  const encoder = text({ invalid: "replace" }).open();
  encoder.decode(Uint8Array.of(0xe2), true);
  encoder.end();
});

test("an error quotes the beginning of what was found, with nothing that a terminal would act on", () => {
  const hostile = Uint8Array.of(0x1b, 0x5b, 0x32, 0x4a, 0xff, ...new Uint8Array(1_000));
  assert.throws(
    () => text().open().decode(hostile, false),
    (error) => {
      assert.ok(error instanceof ProtocolError);
      assert.ok(error.message.startsWith('invalid UTF-8 in "\\x1b[2J\\xff'), error.message);
      assert.ok(error.message.length < 200);
      return true;
    },
  );
});

test("an error for what cannot be sent says which character, where, and what could carry it", () => {
  assert.throws(() => text({ charset: "latin1" }).open().encode("10 €"), {
    message:
      'the text holds "\\u20ac" at 3, which latin1 cannot say; use text({ charset: "utf-8" }) on both sides',
  });
  assert.throws(() => text().open().encode("ab\ud83d"), { message: /half a surrogate pair at 2/ });
});

test("any well-formed text comes back the same, cut anywhere", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), fc.nat(200), (message, at) => {
      const encoder = text().open();
      const bytes = encoder.encode(message).slice();
      assert.equal(encoder.decode(bytes, false), message);
      const pieces = [bytes.subarray(0, at), bytes.subarray(at)].map(
        (piece) => encoder.decode(piece, true) ?? "",
      );
      encoder.end();
      assert.equal(pieces.join(""), message);
    }),
  );
});

test("an option that is none is a UsageError at once", () => {
  assert.throws(() => text({ charset: "utf8" as "utf-8" }), UsageError);
  assert.throws(() => text({ invalid: "ignore" as "error" }), UsageError);
});
