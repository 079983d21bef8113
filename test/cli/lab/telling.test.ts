// How events become lines; the rest is seen through the command itself (test/cli/commands/lab.test.ts).

import assert from "node:assert/strict";
import { test } from "node:test";

import { wrapped } from "../../../src/cli/lab/telling.js";

test("a text is broken at spaces, and within a word only where there are none", () => {
  assert.deepEqual(wrapped("one two three", 7), ["one two", "three"]);
  assert.deepEqual(wrapped("one two three", 8), ["one two", "three"]);
  assert.deepEqual(wrapped("abcdefghij", 4), ["abcd", "efgh", "ij"]);
  assert.deepEqual(wrapped("short", 80), ["short"]);
  assert.deepEqual(wrapped("", 80), [""]);
  assert.deepEqual(wrapped("one two", Number.POSITIVE_INFINITY), ["one two"]);
});
