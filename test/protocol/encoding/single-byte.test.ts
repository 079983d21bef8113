import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeSingleBytes, encodeSingleBytes } from "../../../src/protocol/encoding/single-byte.js";

const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);

test("in latin1 every byte is the character of its own number", () => {
  const text = decodeSingleBytes(everyByte, "latin1", 0xff, false);
  assert.deepEqual(
    [...text].map((character) => character.codePointAt(0)),
    [...everyByte],
  );
  assert.deepEqual(encodeSingleBytes(text, "latin1", 0xff), everyByte);
});

test("in ASCII the upper half is refused, or replaced where that is asked for", () => {
  assert.throws(() => decodeSingleBytes(everyByte, "ascii", 0x7f, false), {
    code: "ERR_INVALID_BYTES",
    message: /^invalid ascii at 128: "\\x80/,
  });
  const replaced = decodeSingleBytes(everyByte, "ascii", 0x7f, true);
  assert.equal(replaced.slice(128), "\ufffd".repeat(128));
});

test("a character above the charset is refused by its place", () => {
  assert.throws(() => encodeSingleBytes("ab😀", "ascii", 0x7f), { message: /at 2, which ascii cannot say/ });
});

test("text longer than a call takes arguments is decoded as well", () => {
  const frame = new Uint8Array(200_000).fill(0xe9);
  assert.equal(decodeSingleBytes(frame, "latin1", 0xff, false), "é".repeat(200_000));
});
