import assert from "node:assert/strict";
import { test } from "node:test";

import { brokenPromises, scoreboard } from "../../../src/cli/demo/scoreboard.js";
import type { Score } from "../../../src/cli/demo/tally.js";

const score: Score = {
  sent: 1_200,
  delivered: 1_200,
  missing: 0,
  twice: 0,
  outOfOrder: 0,
  damaged: 0,
  longestPauseMs: 412.3456,
};
const lossy: Score = {
  ...score,
  delivered: 1_100,
  missing: 40,
  twice: 3,
  outOfOrder: 2,
  longestPauseMs: 2_340,
};

test("the columns stand under each other", () => {
  const standings = [
    { name: "session", isExact: true, cuts: 40, score },
    { name: "node:net", isExact: false, cuts: 39, score: lossy },
  ];
  assert.deepEqual(scoreboard(standings, true), [
    "          cuts   sent  delivered  lost  twice  out of order  longest pause",
    "session     40  1,200      1,200     0      0             0         412 ms",
    "node:net    39  1,200      1,100   100      3             2         2.34 s",
  ]);
});

test("while it runs, what is under way is not lost yet", () => {
  const [, line = ""] = scoreboard([{ name: "node:net", isExact: false, cuts: 39, score: lossy }], false);
  assert.match(line, /1,200 +1,100 +40 +3 +2/);
});

test("whoever says to be exact must have been, in every way", () => {
  const exact = { name: "session", isExact: true, cuts: 40 };
  assert.deepEqual(brokenPromises([{ ...exact, score: { ...score, longestPauseMs: 1e6 } }]), []);
  assert.deepEqual(brokenPromises([{ ...exact, isExact: false, score: lossy }]), []);
  assert.deepEqual(brokenPromises([{ ...exact, score: lossy }]), [
    "session: 100 lost, 3 twice, 2 out of order, 0 damaged",
  ]);
  assert.deepEqual(brokenPromises([{ ...exact, score, failure: "it expired" }]), [
    "session: 0 lost, 0 twice, 0 out of order, 0 damaged; it expired",
  ]);
  for (const flaw of [{ delivered: 1_199 }, { twice: 1 }, { outOfOrder: 1 }, { damaged: 1 }]) {
    assert.equal(brokenPromises([{ ...exact, score: { ...score, ...flaw } }]).length, 1);
  }
});
