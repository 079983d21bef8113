import assert from "node:assert/strict";
import { test } from "node:test";

import { Visible, visible } from "../../../src/cli/talk/visible.js";

function shown(...chunks: (string | number[])[]): string {
  const visible = new Visible();
  const out = chunks.map((chunk) =>
    visible.show(typeof chunk === "string" ? new TextEncoder().encode(chunk) : Uint8Array.from(chunk)),
  );
  return Buffer.concat([...out, visible.rest()]).toString("utf8");
}

test("text in any script, tabs and line ends are untouched", () => {
  const text = "grüße ¢ £\t日本語 🙂 À\r\n";
  assert.equal(shown(text), text);
  const bytes = [...new TextEncoder().encode(text)];
  assert.equal(shown(...bytes.map((byte) => [byte])), text);
});

test("escape sequences, bells and the like are shown and do nothing", () => {
  assert.equal(shown("\u001b[31mred\u0007\b\u007f\0"), "^[[31mred^G^H^?^@");
});

test("C1 controls are shown, even if they come cut in two", () => {
  assert.equal(shown("a\u009b31m"), "a^^[31m");
  assert.equal(shown([0xc2], [0x9b]), "^^[");
  assert.equal(shown([0xc2], [0xc2, 0x9b]), "\ufffd^^[");
});

test("a carriage return alone is shown, so that no later text covers an earlier one", () => {
  assert.equal(shown("rm -rf /\rls      \n"), "rm -rf /^Mls      \n");
  assert.equal(shown("a\r\r\nb\r"), "a^M\r\nb^M");
});

test("a line end is one even if it comes cut in two, and a return waits for what says that it is none", () => {
  assert.equal(shown("a\r", "\nb\r", "c"), "a\r\nb^Mc");
});

test("no byte of 80 to 9F reaches the terminal outside of a character", () => {
  const visible = new Visible();
  for (let byte = 0x80; byte < 0x100; byte += 1) {
    const bytes = [...visible.show(Uint8Array.of(byte, 0x21))];
    assert.deepEqual(bytes, [0xef, 0xbf, 0xbd, 0x21], byte.toString(16));
  }
});

test("what turns the direction of writing, or hides, is shown by its number", () => {
  for (const code of [
    0x61c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069, 0x2028,
    0x2029, 0xfeff, 0xe0041,
  ]) {
    assert.equal(shown(`a${String.fromCodePoint(code)}b`), `a\\u{${code.toString(16)}}b`);
  }
});

test("what was held back for its second byte comes out at the end", () => {
  const visible = new Visible();
  assert.equal(visible.show(Uint8Array.of(0x61, 0xc2)).length, 1);
  assert.equal(new TextDecoder().decode(visible.rest()), "\ufffd");
});

test("text that is whole is made harmless in one step", () => {
  assert.equal(visible("grüße\t\u001b[2J\r"), "grüße\t^[[2J^M");
});
