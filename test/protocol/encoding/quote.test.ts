import assert from "node:assert/strict";
import { test } from "node:test";
import { quoteBytes, quoteText } from "../../../src/protocol/encoding/quote.js";

test("text is quoted with nothing left that a terminal would act on", () => {
  assert.equal(quoteText('say "hi"\n\u001b[31m\u0085€'), '"say \\"hi\\"\\n\\u001b[31m\\u0085\\u20ac"');
});

test("bytes are quoted as ASCII, the rest by number", () => {
  assert.equal(quoteBytes(Uint8Array.of(0x61, 0x22, 0x5c, 0x00, 0x7f, 0xff)), '"a\\x22\\x5c\\x00\\x7f\\xff"');
});

test("a quote is short however long its source, and says that there was more", () => {
  assert.equal(quoteText("x".repeat(1_000)), `"${"x".repeat(32)}"…`);
  assert.equal(quoteBytes(new Uint8Array(1_000).fill(0x78)), `"${"x".repeat(32)}"…`);
});
