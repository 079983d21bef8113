import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeUtf8, encodeUtf8, Utf8Stream } from "../../../src/protocol/encoding/utf8.js";

test("short and long text is encoded the same", () => {
  for (const text of ["", "abc", "é".repeat(100), "é".repeat(10_000)]) {
    assert.deepEqual([...encodeUtf8(text)], [...new TextEncoder().encode(text)]);
  }
});

test("half a surrogate pair is refused in short and in long text", () => {
  for (const text of ["\ud83d", `${"a".repeat(10_000)}\ude00`]) {
    assert.throws(() => encodeUtf8(text), { code: "ERR_INVALID_MESSAGE", by: "local" });
  }
});

test("a byte order mark is kept, and what is not UTF-8 refused", () => {
  assert.equal(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)), "\ufeffa");
  assert.throws(() => decodeUtf8(Uint8Array.of(0x61, 0x80)), { code: "ERR_INVALID_BYTES", by: "remote" });
});

test("a stream gives whole characters only, and knows when half of one is left", () => {
  const stream = new Utf8Stream({ fatal: true });
  assert.equal(stream.push(Uint8Array.of(0xf0, 0x9f)), "");
  assert.equal(stream.push(Uint8Array.of(0x98, 0x80)), "😀");
  stream.end();
  stream.push(Uint8Array.of(0xc3));
  assert.throws(() => stream.end(), { code: "ERR_TRUNCATED" });
  assert.throws(() => new Utf8Stream({ fatal: true }).push(Uint8Array.of(0xff)), {
    code: "ERR_INVALID_BYTES",
  });
});
