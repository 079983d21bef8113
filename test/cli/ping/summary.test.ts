import assert from "node:assert/strict";
import { test } from "node:test";

import { summaryOf } from "../../../src/cli/ping/summary.js";

test("the summary counts tries and losses, and ranks the times", () => {
  const timesMs = Array.from({ length: 200 }, (_, index) => 200 - index);
  assert.equal(summaryOf(250, timesMs), "250 tries, 50 lost (20 %); min 1 ms, median 100 ms, p99 198 ms");
});

test("one try is all of them at once", () => {
  assert.equal(summaryOf(1, [0.5]), "1 try, 0 lost (0 %); min 0.5 ms, median 0.5 ms, p99 0.5 ms");
});

test("where all were lost there are no times, and where nothing was tried no losses", () => {
  assert.equal(summaryOf(4, []), "4 tries, 4 lost (100 %)");
  assert.equal(summaryOf(0, []), "0 tries, 0 lost (0 %)");
});
