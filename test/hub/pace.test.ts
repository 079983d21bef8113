// How fast a room speaks.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Pace } from "../../src/hub/pace.js";

test("a quarter of a second's worth may be said at once", () => {
  const pace = new Pace(1_000, 0);
  assert.equal(pace.said(250, 0), 0);
  assert.equal(pace.said(10, 0), 10);
});

test("what was said too early is paid for in time", () => {
  const pace = new Pace(1_000, 0);
  assert.equal(pace.said(1_250, 0), 1_000);
  assert.equal(pace.said(0, 400), 600);
  assert.equal(pace.said(0, 1_000), 0);
});

test("silence saves up no more than the quarter of a second", () => {
  const pace = new Pace(1_000, 0);
  assert.equal(pace.said(250, 60_000), 0);
  assert.equal(pace.said(1, 60_000), 1);
});

test("a speaker that waits as it is told never says more than the rate and the burst", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 500 }), { maxLength: 100 }), (sizes) => {
      const pace = new Pace(1_000, 0);
      let now = 0;
      let total = 0;
      for (const size of sizes) {
        total += size;
        now += pace.said(size, now);
        assert.ok(total <= 250 + now + 1e-6, `${total} bytes after ${now} ms`);
      }
    }),
  );
});
