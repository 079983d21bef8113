import assert from "node:assert/strict";
import { test } from "node:test";

import { checked } from "../../../src/cli/talk/checked.js";
import { json, text } from "../../../src/index.js";

const bytes = (value: string) => new TextEncoder().encode(value);
const textOf = (value: Uint8Array | undefined) => new TextDecoder().decode(value);

test("JSON that passes is the bytes that it was, in both directions", () => {
  const encoder = checked(json(), { cut: false, oneLine: false }).open();
  const written = bytes('{ "n": 12345678901234567890 }');
  assert.equal(encoder.encode(written), written);
  assert.equal(encoder.decode(written, false), written);
});

test("JSON over several lines is put on one, which changes nothing in it", () => {
  const encoder = checked(json(), { cut: false, oneLine: true }).open();
  assert.equal(textOf(encoder.decode(bytes('{\r\n"a": "\\n"\n}'), false)), '{  "a": "\\n" }');
});

test("what is no JSON is refused, and told apart by whose it is", () => {
  const encoder = checked(json(), { cut: false, oneLine: false }).open();
  assert.throws(() => encoder.encode(bytes("{")), { by: "local", message: /^stdin has what cannot be sent/ });
  assert.throws(() => encoder.decode(bytes("{"), false), { by: "remote" });
});

test("text may be cut inside a character, but not end there", () => {
  const encoder = checked(text(), { cut: true, oneLine: false }).open();
  const [first = 0, ...rest] = bytes("é");
  assert.deepEqual([...(encoder.decode(Uint8Array.of(first), true) ?? [])], [first]);
  assert.deepEqual([...(encoder.decode(Uint8Array.from(rest), true) ?? [])], rest);
  encoder.end();
  encoder.decode(Uint8Array.of(first), true);
  assert.throws(() => encoder.end(), { code: "ERR_TRUNCATED" });
});
