import assert from "node:assert/strict";
import { test } from "node:test";
import { locked, lost, plottedMs, shown, unseen } from "../../../src/page/live/live-state.js";
import { snapshotOf } from "../../support/snapshots.js";

test("the plots have two minutes, and no more", () => {
  let state = unseen;
  for (let second = 0; second <= 300; second += 1) {
    state = shown(state, snapshotOf({ at: second * 1_000, totals: { bytesIn: second * 7 } }));
  }
  const [first] = state.points;
  assert.equal(state.points.length, plottedMs / 1_000 + 1);
  assert.deepEqual([first?.at, first?.bytesIn], [180_000, 7]);
  assert.equal(state.snapshot?.at, 300_000);
});

test("the hub's answers are said in words", () => {
  const refused = shown(unseen, { type: "refused", order: "unlock", reason: "wrong code" });
  assert.deepEqual([refused.answer, refused.isUnlocked], ["Refused: wrong code", false]);
  const open = shown(refused, { type: "done", order: "unlock" });
  assert.equal(open.isUnlocked, true);
  const cut = shown(open, { type: "done", order: "cut" });
  assert.deepEqual([cut.answer, cut.isUnlocked], ["The link is cut.", true]);
  assert.equal(locked(cut).isUnlocked, false);
  assert.equal(lost(cut, "too many").answer, "The hub shows no more: too many");
});
