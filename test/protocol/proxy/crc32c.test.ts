import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32c } from "../../../src/protocol/proxy/crc32c.js";

test("the checksums are those that everybody else computes", () => {
  const ascii = (text: string) => new TextEncoder().encode(text);
  // The check value of CRC-32C's catalogue entry, and the test patterns of RFC 7143 appendix A.4.
  const known: [bytes: Uint8Array, checksum: number][] = [
    [ascii(""), 0],
    [ascii("123456789"), 0xe306_9283],
    [new Uint8Array(32), 0x8a91_36aa],
    [new Uint8Array(32).fill(0xff), 0x62a8_ab43],
    [Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd_794e],
    [Uint8Array.from({ length: 32 }, (_, index) => 31 - index), 0x113f_db5c],
  ];
  for (const [bytes, checksum] of known) assert.equal(crc32c(bytes), checksum);
});
