import assert from "node:assert/strict";
import { test } from "node:test";

import { type PlannedCut, plannedCuts } from "../../../src/cli/demo/schedule.js";
import { cutKinds } from "../../../src/hub/lab/wire.js";

function first(count: number, seed: number): PlannedCut[] {
  const cuts = plannedCuts(seed, 100);
  return Array.from({ length: count }, () => cuts.next().value);
}

test("one seed is one schedule, and another seed another one", () => {
  assert.deepEqual(first(40, 1), first(40, 1));
  assert.notDeepEqual(first(40, 1), first(40, 2));
});

test("each kind comes once in a round", () => {
  const kinds = first(40, 5).map(({ kind }) => kind);
  for (let round = 0; round < 10; round += 1) {
    assert.deepEqual(kinds.slice(4 * round, 4 * round + 4).sort(), [...cutKinds].sort());
  }
});

test("pauses are around what was asked for, and never short enough to be none", () => {
  const pauses = first(1_000, 9).map(({ afterMs }) => afterMs);
  assert.ok(Math.min(...pauses) >= 50 && Math.max(...pauses) <= 150);
  const mean = pauses.reduce((sum, ms) => sum + ms, 0) / pauses.length;
  assert.ok(mean > 95 && mean < 105, `the mean is ${mean}`);
});
