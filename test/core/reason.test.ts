// Words for whatever was thrown.

import assert from "node:assert/strict";
import { test } from "node:test";
import { reasonText } from "../../src/core/reason.js";

test("an error says its message, anything else its text", () => {
  assert.equal(reasonText(new Error("why")), "why");
  assert.equal(reasonText("why"), "why");
  assert.equal(reasonText(undefined), "undefined");
  assert.equal(reasonText(Object.assign(new Error(), { message: 7 })), "7");
});

test("what has no text says so, and never throws", () => {
  const stubborn = {
    toString() {
      throw new Error("no");
    },
  };
  for (const reason of [Object.create(null), stubborn])
    assert.equal(reasonText(reason), "something that has no text");
});
