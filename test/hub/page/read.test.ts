// What pages send, and what they might.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { readLiveOrder, readPageMessage } from "../../../src/hub/page/read.js";

const bytesOf = (value: unknown) =>
  new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));

suite("a page's message", () => {
  test("is something said, or a name, and nothing beside", () => {
    assert.deepEqual(readPageMessage(bytesOf({ type: "say", id: 1, text: "hi", more: 2 })), {
      type: "say",
      id: 1,
      text: "hi",
    });
    assert.deepEqual(readPageMessage(bytesOf({ type: "name", name: "ada" })), { type: "name", name: "ada" });
  });

  for (const wrong of [
    "",
    "not JSON",
    "null",
    "[]",
    '"say"',
    "{}",
    { type: "say", id: 1 },
    { type: "say", id: -1, text: "x" },
    { type: "say", id: 1.5, text: "x" },
    { type: "say", id: "1", text: "x" },
    { type: "say", id: 2 ** 53, text: "x" },
    { type: "say", id: 1, text: { toString: "x" } },
    { type: "name" },
    { type: "__proto__", name: "x" },
    '{"__proto__":{"type":"name","name":"x"}}',
    "[".repeat(60_000),
    `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`,
  ]) {
    test(`is not ${JSON.stringify(wrong).slice(0, 60)}`, () => {
      assert.ok("problem" in readPageMessage(bytesOf(wrong)));
    });
  }

  test("is nothing that is no UTF-8", () => {
    assert.ok("problem" in readPageMessage(new Uint8Array([0xff, 0xfe, 0x7b])));
  });
});

suite("an order", () => {
  test("is one of four", () => {
    for (const order of [
      { type: "unlock", code: "a code of some length" },
      { type: "cut", id: 7 },
      { type: "disconnect", id: 7 },
      { type: "throttle", id: 7, bytesPerSecond: 0 },
    ]) {
      assert.deepEqual(readLiveOrder(bytesOf({ ...order, more: true })), order);
    }
  });

  for (const wrong of [
    { type: "unlock" },
    { type: "unlock", code: "x".repeat(257) },
    { type: "cut", id: "7" },
    { type: "throttle", id: 7 },
    { type: "throttle", id: 7, bytesPerSecond: 1e10 },
    { type: "throttle", id: 7, bytesPerSecond: -1 },
    { type: "shutdown" },
  ]) {
    test(`is not ${JSON.stringify(wrong).slice(0, 60)}`, () => {
      assert.ok("problem" in readLiveOrder(bytesOf(wrong)));
    });
  }
});

test("whatever comes, something is read, and nothing thrown", () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.json().map(bytesOf)), (bytes) => {
      assert.equal(typeof readPageMessage(bytes), "object");
      assert.equal(typeof readLiveOrder(bytes), "object");
    }),
  );
});
