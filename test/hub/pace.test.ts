// How fast a room speaks.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { costOf, Pace } from "../../src/hub/pace.js";

/** Says that much, and returns how long its speaker should wait. */
function said(pace: Pace, cost: number, now: number): number {
  pace.charge(cost, now);
  return pace.owedMs(now);
}

test("a quarter of a second's worth may be said at once", () => {
  const pace = new Pace(1_000, 0);
  assert.equal(said(pace, 250, 0), 0);
  assert.equal(said(pace, 10, 0), 10);
});

test("what was said too early is paid for in time", () => {
  const pace = new Pace(1_000, 0);
  assert.equal(said(pace, 1_250, 0), 1_000);
  assert.equal(pace.owedMs(400), 600);
  assert.equal(pace.owedMs(1_000), 0);
});

test("silence saves up no more than the quarter of a second", () => {
  const pace = new Pace(1_000, 0);
  assert.equal(said(pace, 250, 60_000), 0);
  assert.equal(said(pace, 1, 60_000), 1);
});

test("many who share a pace never owe more than its bound, however much they have said", () => {
  const pace = new Pace(1_000, 0, 500);
  for (let visit = 0; visit < 1_000; visit += 1) pace.charge(1_000, 0);
  assert.equal(pace.owedMs(0), 500);
  assert.equal(pace.owedMs(500), 0);
});

test("nothing is said for nothing: an empty message costs, and every copy of it", () => {
  assert.ok(costOf(0, 0) > 0);
  assert.ok(costOf(0, 1_000) > 50 * costOf(0, 0));
  assert.ok(costOf(1_000, 0) >= 1_000);
});

test("a speaker that waits as it is told never says more than the rate, the burst and one message", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 500 }), { minLength: 1, maxLength: 100 }), (sizes) => {
      const pace = new Pace(1_000, 0);
      let now = 0;
      let total = 0;
      for (const size of sizes) {
        now += pace.owedMs(now);
        assert.ok(total <= 250 + now + 1e-6, `${total} bytes after ${now} ms`);
        total += size;
        pace.charge(size, now);
      }
    }),
  );
});
