import assert from "node:assert/strict";
import { test } from "node:test";
import { nextIndex } from "../../../src/page/parts/arrow-keys.js";

test("the arrows go round, Home and End to the ends, and other keys nowhere", () => {
  assert.deepEqual(
    ["ArrowRight", "ArrowLeft", "Home", "End", "Tab"].map((key) => nextIndex(key, 0, 3)),
    [1, 2, 0, 2, undefined],
  );
  assert.equal(nextIndex("ArrowRight", 2, 3), 0);
});
