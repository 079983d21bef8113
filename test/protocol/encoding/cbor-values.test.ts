import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { refuseUnsayable } from "../../../src/protocol/encoding/cbor-values.js";

test("what comes back equal may be sent, at any depth", () => {
  refuseUnsayable({
    a: [null, undefined, true, 1, 1n, "é", new Date(0), Uint8Array.of(1), Float32Array.of(1)],
    b: new Map<unknown, unknown>([[{ c: 1 }, new Set([1])]]),
    c: Object.create(null),
    d: runInNewContext("({ a: 1 })"),
  });
});

test("what would come back as something else is refused by its name", () => {
  class Point {}
  for (const [value, what] of [
    [new Point(), "an Object of class Point"],
    [new Error("e"), "an Error of class Error"],
    [[/x/], "a RegExp of class RegExp"],
    [new Map([[Symbol("s"), 1]]), "a symbol"],
    [new Set([() => 1]), "a function"],
    [new Date(Number.NaN), "an invalid Date"],
    [{ "\ud83d": 1 }, "text with half a surrogate pair"],
    [JSON.parse('{"__proto__":1}'), 'a key "__proto__"'],
    [new DataView(new ArrayBuffer(1)), "a DataView of class DataView"],
    [2n ** 9_000n, "a bigint of more than a thousand bytes"],
  ] as const) {
    assert.throws(
      () => refuseUnsayable(value),
      (error: Error & { by?: string }) =>
        error.by === "local" && error.message.startsWith(`cbor() does not send ${what};`),
      what,
    );
  }
});

test("a cycle is refused as what it is: nested without end", () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  assert.throws(() => refuseUnsayable(cycle), { message: /nested deeper than 256, as a cycle is/ });
});
