import assert from "node:assert/strict";
import { test } from "node:test";

import { Visible } from "../../../src/cli/talk/visible.js";

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

test("what was held back for its second byte comes out at the end", () => {
  const visible = new Visible();
  assert.equal(visible.show(Uint8Array.of(0x61, 0xc2)).length, 1);
  assert.deepEqual([...visible.rest()], [0xc2]);
});
