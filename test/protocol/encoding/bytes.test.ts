import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { bytes, isBytes, kindOf } from "../../../src/protocol/encoding/bytes.js";
import { encodingContract } from "../../../src/testing/encoding-contract.js";

encodingContract(test, bytes(), {
  messages: [
    { sent: Uint8Array.of() },
    { sent: Uint8Array.of(0, 10, 128, 255) },
    { sent: Buffer.from("abc"), received: Uint8Array.of(97, 98, 99) },
  ],
  examples: [{ message: Uint8Array.of(1, 2), bytes: Uint8Array.of(1, 2) }],
  unsendable: [
    "text",
    1,
    null,
    undefined,
    [1, 2],
    new ArrayBuffer(2),
    new DataView(new ArrayBuffer(2)),
    new Uint16Array(2),
    { [Symbol.toStringTag]: "Uint8Array" },
  ],
});

test("what is received is a plain Uint8Array even where the transport gave a Buffer, and nothing is copied", () => {
  const buffer = Buffer.from("abc");
  const received = bytes().open().decode(buffer, false);
  assert.equal(received?.constructor, Uint8Array);
  assert.equal(received?.buffer, buffer.buffer);
});

test("what is sent goes out without a copy", () => {
  const message = Uint8Array.of(1);
  assert.equal(bytes().open().encode(message), message);
});

test("the bytes of another realm are bytes too", () => {
  assert.ok(isBytes(runInNewContext("new Uint8Array(2)")));
  assert.ok(!isBytes(runInNewContext("new Uint16Array(2)")));
});

test("an empty piece of a cut stream is no message", () => {
  assert.equal(bytes().open().decode(new Uint8Array(0), true), undefined);
});

test("the error for anything else says what it was and what to do", () => {
  assert.throws(
    () =>
      bytes()
        .open()
        .encode("hi" as unknown as Uint8Array),
    {
      code: "ERR_INVALID_MESSAGE",
      by: "local",
      message: "bytes() sends Uint8Arrays, not a string; wrap it in a Uint8Array, or choose text() or json()",
    },
  );
});

test("values are called by their kind", () => {
  assert.deepEqual([null, undefined, [], {}, 1, "", new Map(), new ArrayBuffer(0)].map(kindOf), [
    "null",
    "undefined",
    "an Array",
    "an Object",
    "a number",
    "a string",
    "a Map",
    "an ArrayBuffer",
  ]);
});
