// What peers send, made harmless to show.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { visibleText } from "../../src/hub/visible.js";

const bytesOf = (text: string) => new TextEncoder().encode(text);

test("ordinary text of any script, emoji and tabs stay as they are", () => {
  for (const text of [
    "hello",
    "Grüße, Ελλάδα, 日本語",
    "👩‍👩‍👧‍👦 family",
    "a\tb",
    "שלום",
    "back\\slash",
    "",
  ]) {
    assert.equal(visibleText(bytesOf(text)), text);
  }
});

test("what would act on a terminal is shown instead", () => {
  const shown: [sent: string, shown: string][] = [
    ["\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"],
    ["\x07\x08\x00", "\\x07\\x08\\x00"],
    ["one\rtwo", "one\\x0dtwo"],
    ["one\ntwo", "one\\x0atwo"],
    ["\x7f", "\\x7f"],
    ["\u009b31m", "\\x9b31m"],
  ];
  for (const [sent, expected] of shown) assert.equal(visibleText(bytesOf(sent)), expected);
});

test("what turns the direction of writing, or breaks a line unseen, is shown instead", () => {
  assert.equal(visibleText(bytesOf("exe.\u202egpj")), "exe.\\u{202e}gpj");
  assert.equal(visibleText(bytesOf("\u2066a\u2069\u200f\u061c")), "\\u{2066}a\\u{2069}\\u{200f}\\u{61c}");
  assert.equal(visibleText(bytesOf("a\u2028b\u2029c")), "a\\u{2028}b\\u{2029}c");
  assert.equal(visibleText(bytesOf("\ufeffhi\u{e0041}")), "\\u{feff}hi\\u{e0041}");
});

test("bytes that are not UTF-8 are shown one by one, and the text around them is kept", () => {
  const shown: [sent: number[], shown: string][] = [
    [[0x61, 0xff, 0x62], "a\\xffb"],
    [[0xc3, 0xa4, 0xc3], "ä\\xc3"],
    [[0xe2, 0x82], "\\xe2\\x82"],
    [[0xf0, 0x9f, 0x98, 0x80, 0x80], "😀\\x80"],
    [[0xc0, 0x80], "\\xc0\\x80"],
    [[0xed, 0xa0, 0x80], "\\xed\\xa0\\x80"],
    [[0xff, 0x1b], "\\xff\\x1b"],
    [[0xe0, 0x9f, 0xbf], "\\xe0\\x9f\\xbf"],
    [[0xf0, 0x8f, 0xbf, 0xbf], "\\xf0\\x8f\\xbf\\xbf"],
    [[0xf4, 0x90, 0x80, 0x80], "\\xf4\\x90\\x80\\x80"],
    [[0xf0, 0x9f, 0x98, 0x41], "\\xf0\\x9f\\x98A"],
  ];
  for (const [sent, expected] of shown) assert.equal(visibleText(new Uint8Array(sent)), expected);
});

test("whatever bytes come, nothing but harmless text goes out", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = visibleText(bytes);
      assert.doesNotMatch(text, /(?!\t)[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\ufffd]/u);
    }),
  );
});

test("whatever text comes, its letters all arrive", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", "ß", "日", "😀", "\x1b", "\u202e") }), (text) => {
      const letters = (string: string) => string.replaceAll(/\\x1b|\\u\{202e\}|[\p{Cc}\p{Cf}]/gu, "");
      assert.equal(letters(visibleText(bytesOf(text))), letters(text));
    }),
  );
});

test("a character is what a strict decoder takes for one", () => {
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const isWhole = (bytes: Uint8Array) => {
    try {
      return strict.decode(bytes) !== "";
    } catch {
      return false;
    }
  };
  const edges = fc.constantFrom(
    ...[0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5],
  );
  fc.assert(
    fc.property(fc.array(edges, { minLength: 1, maxLength: 4 }), (numbers) => {
      const bytes = new Uint8Array([...numbers, 0x41]);
      const expected = (): string => {
        let text = "";
        for (let at = 0; at < bytes.length; ) {
          const size = [1, 2, 3, 4].find((count) => isWhole(bytes.subarray(at, at + count))) ?? 0;
          text +=
            size === 0 ? `\\x${(bytes[at] ?? 0).toString(16)}` : strict.decode(bytes.subarray(at, at + size));
          at += Math.max(size, 1);
        }
        // Beyond UTF-8, C1 controls are shown too, by the same two digits.
        return text.replaceAll(
          /[\u0080-\u009f]/g,
          (character) => `\\x${character.charCodeAt(0).toString(16)}`,
        );
      };
      assert.equal(visibleText(bytes), expected());
    }),
  );
});

test("a line is decoded once, however many of its bytes are bad", (t) => {
  const decode = t.mock.method(TextDecoder.prototype, "decode");
  const bytes = new Uint8Array(8_192).map((_, index) => (index % 2 === 0 ? 0xff : 0x61));
  assert.equal(visibleText(bytes), "\\xffa".repeat(4_096));
  assert.equal(decode.mock.callCount(), 1);
});
