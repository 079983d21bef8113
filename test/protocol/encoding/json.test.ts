import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ProtocolError } from "../../../src/core/errors.js";
import { json } from "../../../src/protocol/encoding/json.js";
import { encodingContract } from "../../../src/testing/encoding-contract.js";

const cycle: Record<string, unknown> = {};
cycle.self = cycle;
const bytesOf = (text: string) => new TextEncoder().encode(text);

encodingContract(test, json(), {
  messages: [
    { sent: null },
    { sent: false },
    { sent: 0 },
    { sent: "" },
    { sent: "line\nbreak \u2028 \ud83d" },
    { sent: { a: [1, "é", { b: null }] } },
    { sent: { kept: 1, left: undefined }, received: { kept: 1 } },
    { sent: { at: new Date(0) }, received: { at: "1970-01-01T00:00:00.000Z" } },
    { sent: "x".repeat(10_000) },
  ],
  examples: [
    { message: { a: [1, true, null, "é"] }, bytes: bytesOf('{"a":[1,true,null,"é"]}') },
    { message: "\ud83d", bytes: bytesOf('"\\ud83d"') },
  ],
  unsendable: [undefined, () => 1, Symbol("s"), 1n, { a: [1n] }, cycle, { toJSON: () => undefined }],
  broken: [
    bytesOf(""),
    bytesOf("{"),
    bytesOf("{} {}"),
    bytesOf("\ufeff1"),
    bytesOf("NaN"),
    Uint8Array.of(0x22, 0xff, 0x22),
  ],
});

test("a message never holds a line break, so that lines() carries any", () => {
  const frame = json().open().encode({ text: "a\nb\r\nc" });
  assert.equal(frame.indexOf(10), -1);
});

test("what JSON has no form for is refused by local, and the error says why", () => {
  const encoder = json().open();
  assert.throws(() => encoder.encode(undefined), { by: "local", message: "JSON has no form for undefined" });
  assert.throws(() => encoder.encode(() => 1), { by: "local", message: "JSON has no form for a function" });
  assert.throws(() => encoder.encode(1n), { by: "local", message: /BigInt/ });
  assert.throws(() => encoder.encode(cycle), {
    by: "local",
    message: "the message has no JSON form: Converting circular structure to JSON",
  });
  const odd = {
    toJSON: () => {
      throw "not an Error";
    },
  };
  assert.throws(() => encoder.encode(odd), { by: "local", message: /not an Error/ });
});

test("what is not JSON is refused by remote, quoted short and harmless", () => {
  const encoder = json().open();
  assert.throws(() => encoder.decode(bytesOf("GET / HTTP/1.1\r"), false), {
    code: "ERR_INVALID_MESSAGE",
    by: "remote",
    message: 'not JSON: "GET / HTTP/1.1\\r"',
  });
  assert.throws(
    () => encoder.decode(bytesOf(`\u001b]0;${"x".repeat(100_000)}`), false),
    (error) =>
      error instanceof ProtocolError && error.message.length < 100 && !error.message.includes("\u001b"),
  );
  assert.throws(() => encoder.decode(Uint8Array.of(0xff), false), {
    code: "ERR_INVALID_BYTES",
    by: "remote",
  });
  assert.throws(() => encoder.decode(bytesOf(""), false), { message: "an empty message is not JSON" });
});

test("a key called __proto__ is a key like any other", () => {
  const message = json().open().decode(bytesOf('{"__proto__":{"admin":true}}'), false) as { admin?: boolean };
  assert.equal(message.admin, undefined);
  assert.ok(Object.hasOwn(message, "__proto__"));
});

test("nesting as deep as a frame allows is a value or a SocketError, never a crash", () => {
  const deep = bytesOf(`${"[".repeat(500_000)}${"]".repeat(500_000)}`);
  const encoder = json().open();
  try {
    encoder.decode(deep, false);
  } catch (error) {
    assert.ok(error instanceof ProtocolError);
  }
  let nested: unknown[] = [];
  for (let i = 0; i < 100_000; i += 1) nested = [nested];
  // Newer engines write nesting of any depth.
  try {
    encoder.encode(nested);
  } catch (error) {
    assert.ok(error instanceof ProtocolError && error.by === "local");
  }
});

test("any JSON value comes back as JSON says", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (message) => {
      const encoder = json().open();
      assert.deepEqual(
        encoder.decode(encoder.encode(message).slice(), false),
        JSON.parse(JSON.stringify(message)),
      );
    }),
  );
});

test("the type is the caller's promise", () => {
  interface Move {
    readonly x: number;
  }
  const encoder = json<Move>().open();
  const move: Move | undefined = encoder.decode(encoder.encode({ x: 1 }).slice(), false);
  assert.equal(move?.x, 1);
});
