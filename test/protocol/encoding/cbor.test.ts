import assert from "node:assert/strict";
import { test } from "node:test";
import { cborOf } from "../../../src/protocol/encoding/cbor.js";

const nothing = { encode: () => Uint8Array.of(0), decode: () => undefined };

test("undefined is no message, in either direction: it stands for the end", () => {
  const encoder = cborOf(nothing).open();
  assert.throws(() => encoder.encode(undefined), { code: "ERR_INVALID_MESSAGE", by: "local" });
  assert.throws(() => encoder.decode(Uint8Array.of(0xf7), false), {
    code: "ERR_INVALID_MESSAGE",
    by: "remote",
  });
});

test("whatever the library throws is told as a ProtocolError with its cause", () => {
  const cause = new Error("too odd");
  const thrower = () => {
    throw cause;
  };
  const encoder = cborOf({ encode: thrower, decode: thrower }).open();
  assert.throws(() => encoder.encode(1), { by: "local", cause });
  assert.throws(() => encoder.decode(Uint8Array.of(0), false), {
    by: "remote",
    message: "not a CBOR value: too odd",
    cause,
  });
});

test("the library sees the frame through a view of its own, and only once the frame has been checked", () => {
  const seen: Uint8Array[] = [];
  const codec = { ...nothing, decode: (frame: Uint8Array) => seen.push(frame) };
  const frame = Uint8Array.of(1);
  cborOf(codec).open().decode(frame, false);
  assert.throws(() => cborOf(codec).open().decode(Uint8Array.of(0x82), false));
  assert.equal(seen.length, 1);
  assert.notEqual(seen[0], frame);
  assert.equal(seen[0]?.buffer, frame.buffer);
});
