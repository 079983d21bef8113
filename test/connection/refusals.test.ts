import assert from "node:assert/strict";
import { test } from "node:test";

import { Refusals } from "../../src/connection/refusals.js";
import { ManualClock } from "../support/manual-clock.js";

function scene() {
  const clock = new ManualClock();
  const told: [at: number, reason: string, count: number][] = [];
  const refusals = new Refusals(clock, ({ reason }, count) => void told.push([clock.now(), reason, count]));
  return { clock, told, refusals };
}

test("the first is told at once, and a flood as one sum a second", () => {
  const { clock, told, refusals } = scene();
  for (let ms = 0; ms < 2_500; ms += 1) {
    refusals.add({ reason: "full" });
    clock.advance(1);
  }
  clock.advance(5_000);
  assert.deepEqual(told, [
    [0, "full", 1],
    [1_000, "full", 999],
    [2_000, "full", 1_000],
    [3_000, "full", 500],
  ]);
  assert.equal(clock.pending, 0);
});

test("what is untold at the end is told then, and no timer stays behind", () => {
  const { clock, told, refusals } = scene();
  refusals.add({ reason: "full" });
  refusals.add({ reason: "no descriptors" });
  refusals.close();
  refusals.close();
  assert.deepEqual(told, [
    [0, "full", 1],
    [0, "no descriptors", 1],
  ]);
  assert.equal(clock.pending, 0);
});
