import assert from "node:assert/strict";
import { test } from "node:test";

import * as der from "../../../src/cli/cert/der.js";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

test("a length is as short as it can be", () => {
  assert.equal(hex(der.octets(new Uint8Array(0))), "0400");
  assert.equal(hex(der.octets(new Uint8Array(127))).slice(0, 4), "047f");
  assert.equal(hex(der.octets(new Uint8Array(128))).slice(0, 6), "048180");
  assert.equal(hex(der.octets(new Uint8Array(256))).slice(0, 8), "04820100");
});

test("each kind of value has its tag", () => {
  assert.equal(hex(der.sequence(der.integer(new Uint8Array([5])), der.yes)), "30060201050101ff");
  assert.equal(hex(der.set(der.utf8("é"))), "31040c02c3a9");
  assert.equal(hex(der.bits(new Uint8Array([0x80]), 7)), "03020780");
});

test("an identifier's parts have seven bits a byte", () => {
  assert.equal(hex(der.identifier("2.5.29.17")), "0603551d11");
  assert.equal(hex(der.identifier("1.2.840.10045.4.3.2")), "06082a8648ce3d040302");
});

test("a date has two digits of its year until 2049, and four from then on", () => {
  const text = (date: string) =>
    Buffer.from(der.time(new Date(date)))
      .subarray(2)
      .toString("latin1");
  assert.equal(text("2049-12-31T23:59:59.999Z"), "491231235959Z");
  assert.equal(text("2050-01-01T00:00:00.000Z"), "20500101000000Z");
  assert.equal(der.time(new Date("2050-01-01"))[0], 0x18);
});
