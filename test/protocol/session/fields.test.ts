// The JSON in frames: what is not as it should be is told by name.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  countOf,
  fieldsOf,
  flagOf,
  hexOf,
  listOf,
  parseFields,
  textOf,
} from "../../../src/protocol/session/fields.js";
import { Violation } from "../../../src/protocol/session/violation.js";
import { bytesOf } from "../../support/handshakes.js";

const malformed = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Violation && error.code === "malformed");
  assert.match(error.message, message);
  return true;
};

test("an object is read; the last of a name that comes twice holds", () => {
  assert.deepEqual(parseFields(bytesOf(' {"a":1,"b":[],"a":2} ')), { a: 2, b: [] });
});

test("a name that objects have by themselves is a name like others", () => {
  const fields = parseFields(bytesOf('{"__proto__":{"count":1}}'));
  assert.throws(() => countOf(fields, "count"), malformed(/count/));
});

for (const text of [
  "",
  "1",
  "null",
  "[]",
  '"a"',
  "{",
  "{}{}",
  "\ufeff{}",
  "{'a':1}",
  '{"a":01}',
  "[".repeat(8_192),
]) {
  test(`no object: ${text.slice(0, 20)}`, () => {
    assert.throws(() => parseFields(bytesOf(text)), malformed(/JSON/));
  });
}

test("bytes that are not UTF-8 are no JSON", () => {
  assert.throws(() => parseFields(new Uint8Array([0x7b, 0xff, 0x7d])), malformed(/JSON/));
});

test("counts are whole numbers up to 2^53 − 1", () => {
  for (const value of [0, 1, 2 ** 53 - 1]) assert.equal(countOf({ n: value }, "n"), value);
  for (const value of [-1, 0.5, 2 ** 53, 1e300, "1", null, true, [1], undefined]) {
    assert.throws(() => countOf({ n: value }, "n"), malformed(/^n is no whole number of at least 0/));
  }
  assert.throws(() => countOf({ n: 0 }, "n", 1), malformed(/at least 1/));
});

test("text, truth, hex and objects are what they are", () => {
  const fields = { text: "a", truth: false, hex: "00ff", object: { a: 1 } };
  assert.equal(textOf(fields, "text"), "a");
  assert.equal(flagOf(fields, "truth"), false);
  assert.equal(hexOf(fields, "hex", 2), "00ff");
  assert.deepEqual(fieldsOf(fields, "object"), { a: 1 });
  assert.throws(() => textOf(fields, "truth"), malformed(/truth is no text/));
  assert.throws(() => flagOf(fields, "text"), malformed(/text is neither/));
  assert.throws(() => fieldsOf(fields, "text"), malformed(/text is no object/));
  for (const hex of ["00f", "00ff00", "00FF", "00fg", "00ff\n", 255]) {
    assert.throws(() => hexOf({ hex }, "hex", 2), malformed(/hex/));
  }
});

test("lists are short, and each of their items is looked at", () => {
  assert.deepEqual(
    listOf({ list: [1, 2] }, "list", 2, (items, at) => countOf(items, at)),
    [1, 2],
  );
  for (const list of [[1, 2, 3], [1, "2"], "12", { length: 1 }, undefined]) {
    assert.throws(() => listOf({ list }, "list", 2, (items, at) => countOf(items, at)), malformed(/^list/));
  }
});
