import assert from "node:assert/strict";
import { test } from "node:test";
import { pointBetween, ratesBetween } from "../../../src/page/live/rates.js";
import { snapshotOf, socketOf } from "../../support/snapshots.js";

test("a rate is what came between two snapshots, by the time between", () => {
  const before = snapshotOf({ at: 1_000, sockets: [socketOf({ id: 1, bytesIn: 100, messagesOut: 5 })] });
  const now = snapshotOf({
    at: 3_000,
    sockets: [socketOf({ id: 1, bytesIn: 300, bytesOut: 50, messagesIn: 4, messagesOut: 7 })],
  });
  assert.deepEqual(ratesBetween(before, now).get(1), { messagesPerSecond: 3, bytesPerSecond: 125 });
});

test("who has just come has no rate yet, and nobody has one at first", () => {
  const first = snapshotOf({ at: 0, sockets: [socketOf({ id: 1, bytesIn: 900 })] });
  const second = snapshotOf({ at: 1_000, sockets: [socketOf({ id: 2, bytesIn: 900 })] });
  const none = { messagesPerSecond: 0, bytesPerSecond: 0 };
  assert.deepEqual(ratesBetween(undefined, first).get(1), none);
  assert.deepEqual(ratesBetween(first, second).get(2), none);
  assert.deepEqual(ratesBetween(second, second).get(2), none);
});

test("a point of the plots is made of the totals", () => {
  const before = snapshotOf({ at: 0, totals: { messagesIn: 10, bytesOut: 100 } });
  const now = snapshotOf({
    at: 500,
    totals: { messagesIn: 12, messagesOut: 1, bytesIn: 20, bytesOut: 100, open: 3, sessions: 2 },
  });
  assert.deepEqual(pointBetween(before, now), {
    at: 500,
    messagesIn: 4,
    messagesOut: 2,
    bytesIn: 40,
    bytesOut: 0,
    connections: 3,
    sessions: 2,
  });
  assert.equal(pointBetween(undefined, now), undefined);
  assert.equal(pointBetween(now, now), undefined);
});

test("counters that begin anew are no negative rate", () => {
  const before = snapshotOf({ at: 0, totals: { bytesIn: 500 } });
  assert.equal(pointBetween(before, snapshotOf({ at: 1_000, totals: { bytesIn: 10 } }))?.bytesIn, 0);
});
