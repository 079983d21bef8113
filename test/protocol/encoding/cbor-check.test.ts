import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ProtocolError } from "../../../src/core/errors.js";
import { cborBigintBytesMax, cborNestedMax, checkCbor } from "../../../src/protocol/encoding/cbor-check.js";

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));

function assertRefused(frame: Uint8Array, why: RegExp): void {
  assert.throws(() => checkCbor(frame), { code: "ERR_INVALID_MESSAGE", by: "remote", message: why });
}

test("one whole value passes, of each kind and each size of length", () => {
  for (const hex of [
    "00",
    "17",
    "1818",
    "190100",
    "1a00010000",
    "1b0000000100000000",
    "20",
    "3863",
    "40",
    "4101",
    "6161",
    "63e6b0b4",
    "80",
    "820102",
    "9f01ff",
    "a0",
    "a16101f6",
    "bf6101f6ff",
    "f4",
    "f5",
    "f6",
    "f7",
    "f90000",
    "fa00000000",
    "fb0000000000000000",
    "e0",
    "f820",
    "c074323031332d30332d32315432303a30343a30305a",
    "c100",
    "c24101",
    "c34101",
    "d84041ff",
    "d9010280",
    "d90103a0",
    "d9d9f700",
  ]) {
    checkCbor(bytes(hex));
  }
});

test("a value that ends early is refused, wherever it is cut", () => {
  const whole = bytes("a26161c249010000000000000000616282636f6e6544f0010203");
  checkCbor(whole);
  for (let length = 0; length < whole.length; length += 1)
    assertRefused(whole.subarray(0, length), /ends early/);
});

test("bytes behind the value are refused", () => {
  assertRefused(bytes("0000"), /1 bytes stand behind its end/);
});

test("a huge length or count costs nothing", () => {
  for (const hex of [
    "5affffffff",
    "7affffffff",
    "9affffffff",
    "baffffffff",
    "9bffffffffffffffff",
    "bb00ffffffffffffff",
  ]) {
    assertRefused(bytes(hex), /ends early/);
  }
});

test("nesting has an end, counted or not", () => {
  const nested = (head: number, levels: number) => Uint8Array.from([...Array(levels).fill(head), 0]);
  checkCbor(nested(0x81, cborNestedMax));
  assertRefused(nested(0x81, cborNestedMax + 1), /nested deeper than 256/);
  assertRefused(nested(0x9f, 1_000_000), /nested deeper/);
  assertRefused(nested(0xc1, 1_000_000), /nested deeper/);
});

test("the tags by which few bytes become many are refused", () => {
  for (const [hex, tag] of [
    ["d81c80", 28],
    ["d81d00", 29],
    ["d83384", 51],
    ["c600", 6],
    ["d8e100", 225],
    ["d9dfff83", 57_343],
    ["d869", 105],
    ["d81b82", 27],
    ["da53687264", 1_399_353_956],
  ] as const) {
    assertRefused(bytes(hex), new RegExp(`tag ${tag} is not taken`));
  }
});

test("a tag for bytes stands before bytes only: a map in their place could ask for any amount of memory", () => {
  assertRefused(bytes("d840a1666275666665721a7fffffff"), /tag 64 must stand before bytes/);
  assertRefused(bytes("c201"), /tag 2 must stand before bytes/);
  assertRefused(bytes("d840"), /tag 64 must stand before bytes/);
});

test("a bigint has a largest size, since reading one takes the square of it", () => {
  const size = cborBigintBytesMax;
  const bigint = (length: number) =>
    Uint8Array.from([0xc2, 0x59, length >> 8, length & 0xff, ...new Uint8Array(length)]);
  checkCbor(bigint(size - 3));
  assertRefused(bigint(size), /a bigint is too large/);
});

test("text must be UTF-8", () => {
  assert.throws(() => checkCbor(bytes("62c328")), { code: "ERR_INVALID_BYTES", by: "remote" });
});

test("strings in pieces and numbers that RFC 8949 leaves open are refused", () => {
  assertRefused(bytes("5f4101ff"), /a string in pieces/);
  assertRefused(bytes("ff"), /a string in pieces|not/);
  assertRefused(bytes("1c"), /no number begins with 28/);
});

test("garbage passes or is refused, and takes no long time", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (frame) => {
      try {
        checkCbor(frame);
      } catch (error) {
        assert.ok(error instanceof ProtocolError);
      }
    }),
    { numRuns: 1_000 },
  );
});
