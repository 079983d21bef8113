// The pause before the next attempt: full jitter under a ceiling that doubles.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { backoffMs } from "../../src/core/backoff.js";

const highest = () => 1 - Number.EPSILON;
const ceilings = (attempts: number) =>
  Array.from({ length: attempts }, (_, index) => Math.round(backoffMs(index + 1, 100, 5_000, highest)));

test("the ceiling doubles with each attempt, up to the largest pause", () => {
  assert.deepEqual(ceilings(8), [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
});

test("a pause may be nothing at all: the jitter is full", () => {
  assert.equal(
    backoffMs(5, 100, 5_000, () => 0),
    0,
  );
});

test("however many attempts there were, a pause lies between 0 and the largest", () => {
  const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000 }), fraction, (attempt, chance) => {
      const pause = backoffMs(attempt, 100, 5_000, () => chance);
      assert.ok(pause >= 0 && pause <= 5_000);
    }),
  );
});
