import assert from "node:assert/strict";
import { test } from "node:test";

import { hexLines } from "../../../src/cli/report/hex.js";

test("sixteen bytes a line, with their direction, their place and what can be read of them", () => {
  const bytes = Uint8Array.from({ length: 18 }, (_, index) => 0x41 + index);
  bytes[16] = 0x0a;
  bytes[17] = 0xff;
  assert.deepEqual(hexLines("<", bytes, 0), [
    "< 00000000  41 42 43 44 45 46 47 48  49 4a 4b 4c 4d 4e 4f 50  |ABCDEFGHIJKLMNOP|",
    "< 00000010  0a ff                                             |..|",
  ]);
});

test("the place goes on where the chunk before ended", () => {
  assert.deepEqual(hexLines(">", new Uint8Array([0x7a]), 0x1_0000), [`> 00010000  7a${" ".repeat(46)}  |z|`]);
});

test("no bytes, no lines", () => {
  assert.deepEqual(hexLines(">", new Uint8Array(0), 5), []);
});
