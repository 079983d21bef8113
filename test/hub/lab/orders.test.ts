import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";

import { UsageError } from "../../../src/core/errors.js";
import { type LabName, labNames } from "../../../src/hub/lab/messages.js";
import { checkOrder, isLifeStep } from "../../../src/hub/lab/orders.js";

test("an order within the bounds comes back, with nothing else in it", () => {
  const bytes = { messages: ["a", "👋"], framing: "lines", readBytes: 1 };
  assert.deepEqual(checkOrder("bytes", { ...bytes, evil: true }), { ...bytes, pauseMs: 0 });
  assert.deepEqual(checkOrder("bytes", { ...bytes, pauseMs: 1_000 }), { ...bytes, pauseMs: 1_000 });
  assert.deepEqual(checkOrder("life", {}), { steps: [] });
  assert.deepEqual(checkOrder("life", { steps: ["listen", "accept"] }), { steps: ["listen", "accept"] });
  assert.deepEqual(checkOrder("cut", { how: "close", messages: 10 }), { how: "close", messages: 10 });
  const kinds = { messages: 1_000, lossPercent: 0, seed: 2 ** 32 - 1 };
  assert.deepEqual(checkOrder("kinds", kinds), kinds);
});

suite("refused, with what to change", () => {
  const bytes = { messages: ["a"], framing: "none", readBytes: 16 };
  const cases: [name: LabName, order: unknown, says: RegExp][] = [
    ["bytes", null, /an order is an object, got "null"/],
    ["bytes", [], /an order is an object/],
    ["bytes", "x", /an order is an object, got "x"/],
    ["bytes", {}, /messages must be a list of 1 to 8, got "undefined"/],
    ["bytes", { ...bytes, messages: [] }, /messages must be a list of 1 to 8, got 0/],
    ["bytes", { ...bytes, messages: Array(9).fill("a") }, /got 9/],
    ["bytes", { ...bytes, messages: [1] }, /messages\[0\] must be a text, got "1"/],
    ["bytes", { ...bytes, messages: ["\ud800"] }, /half a surrogate pair/],
    ["bytes", { ...bytes, messages: ["a".repeat(4_097)] }, /4096 bytes together, and have 4097/],
    [
      "bytes",
      { ...bytes, readBytes: 1, messages: ["a".repeat(600)] },
      /with readBytes 1 the messages may have 508/,
    ],
    ["bytes", { ...bytes, readBytes: 0 }, /readBytes must be a whole number from 1 to 1024, got "0"/],
    ["bytes", { ...bytes, readBytes: 1.5 }, /readBytes must be a whole number/],
    ["bytes", { ...bytes, framing: "json" }, /framing must be one of none, lines, length4, got "json"/],
    ["bytes", { ...bytes, pauseMs: 5_000 }, /pauseMs must be a whole number from 0 to 1000/],
    ["life", { steps: ["fly"] }, /"fly" is no step: they are listen, connect/],
    ["life", { steps: Array(201).fill("listen") }, /steps must be a list of 0 to 200, got 201/],
    ["life", { steps: "listen" }, /steps must be a list/],
    ["cut", { how: "saw", messages: 10 }, /how must be one of reset, close, half-open, got "saw"/],
    ["cut", { how: "reset", messages: 9 }, /messages must be a whole number from 10 to 1000/],
    ["kinds", { messages: 10, lossPercent: 91, seed: 1 }, /lossPercent must be a whole number from 0 to 90/],
    ["kinds", { messages: 10, lossPercent: 1, seed: -1 }, /seed must be/],
    ["kinds", { messages: 10, lossPercent: 1, seed: Number.NaN }, /seed must be/],
    ["nothing" as LabName, {}, /there is no experiment "nothing"; choose bytes, life, cut, kinds/],
    ["constructor" as LabName, {}, /there is no experiment/],
  ];
  for (const [name, order, says] of cases) {
    test(`${name} ${JSON.stringify(order)?.slice(0, 60)}`, () => {
      assert.throws(
        () => checkOrder(name, order),
        (error) => error instanceof UsageError && says.test(error.message),
      );
    });
  }
});

test("what comes back in an error moves no cursor, and is short", () => {
  const order = { how: `\u001b[2J\u202e${"x".repeat(10_000)}`, messages: 10 };
  assert.throws(
    () => checkOrder("cut", order),
    (error) => error instanceof UsageError && error.message.length < 200 && /^[ -~…]*$/.test(error.message),
  );
});

test("whatever is thrown at it, it is an order or a UsageError", () => {
  const field = fc.oneof(fc.anything(), fc.integer(), fc.constantFrom("none", "reset", "listen"));
  const order = fc.oneof(
    fc.anything(),
    fc.record(
      {
        messages: fc.oneof(fc.array(fc.anything(), { maxLength: 10 }), field),
        framing: field,
        readBytes: field,
        steps: fc.oneof(fc.array(fc.anything()), field),
        how: field,
        lossPercent: field,
        seed: field,
        pauseMs: field,
      },
      { requiredKeys: [] },
    ),
  );
  fc.assert(
    fc.property(fc.constantFrom(...labNames), order, (name, value) => {
      try {
        checkOrder(name, value);
      } catch (error) {
        assert.ok(error instanceof UsageError, String(error));
      }
    }),
  );
});

test("steps are known by their names alone", () => {
  assert.ok(isLifeStep("listen"));
  for (const other of ["Listen", "", 1, null, ["listen"]]) assert.ok(!isLifeStep(other));
});
