import assert from "node:assert/strict";
import { test } from "node:test";

import { Tally, together } from "../../../src/cli/demo/tally.js";

/** `sent` messages; `received` arrive, one each millisecond. */
function tallyOf(sent: number, received: readonly (number | undefined)[]): Tally {
  const tally = new Tally(0);
  for (let seq = 0; seq < sent; seq += 1) assert.equal(tally.send(), seq);
  for (const [index, seq] of received.entries()) tally.receive(seq, index + 1);
  return tally;
}

const clean = { missing: 0, twice: 0, outOfOrder: 0, damaged: 0, longestPauseMs: 1 };

test("each once and in order is all there is to say", () => {
  const tally = tallyOf(3, [0, 1, 2]);
  assert.deepEqual(tally.score(3), { sent: 3, delivered: 3, ...clean });
  assert.ok(tally.isComplete);
});

test("a message is missing once a later one has come, and before it is only under way", () => {
  assert.deepEqual(tallyOf(3, [0]).score(1), { sent: 3, delivered: 1, ...clean });
  assert.deepEqual(tallyOf(3, [0, 2]).score(2), { sent: 3, delivered: 2, ...clean, missing: 1 });
  assert.ok(!tallyOf(3, [0, 2]).isComplete);
});

test("a missing one that comes late is delivered, out of order", () => {
  assert.deepEqual(tallyOf(4, [0, 3, 2, 1]).score(4), { sent: 4, delivered: 4, ...clean, outOfOrder: 2 });
});

test("one that comes again is twice, whenever it comes, and never delivered again", () => {
  assert.deepEqual(tallyOf(3, [0, 0, 1, 2, 1]).score(5), { sent: 3, delivered: 3, ...clean, twice: 2 });
  assert.deepEqual(tallyOf(3, [2, 1, 1, 0]).score(4), {
    sent: 3,
    delivered: 3,
    ...clean,
    outOfOrder: 2,
    twice: 1,
  });
});

test("what cannot be read, or was never sent, is damaged", () => {
  assert.deepEqual(tallyOf(1, [undefined, 5, 0]).score(3), { sent: 1, delivered: 1, ...clean, damaged: 2 });
});

test("the longest pause lies between deliveries, or lasts still while something is to come", () => {
  const tally = new Tally(100);
  tally.send();
  tally.receive(0, 150);
  assert.equal(tally.score(1_000).longestPauseMs, 50, "nothing is to come");
  tally.send();
  assert.equal(tally.score(1_000).longestPauseMs, 850);
  tally.receive(1, 400);
  assert.equal(tally.score(1_000).longestPauseMs, 250);
});

test("both directions together are sums, and the longer pause", () => {
  const up = { sent: 4, delivered: 3, missing: 1, twice: 2, outOfOrder: 0, damaged: 1, longestPauseMs: 9 };
  const down = {
    sent: 10,
    delivered: 10,
    missing: 0,
    twice: 0,
    outOfOrder: 5,
    damaged: 0,
    longestPauseMs: 4,
  };
  assert.deepEqual(together([up, down]), {
    sent: 14,
    delivered: 13,
    missing: 1,
    twice: 2,
    outOfOrder: 5,
    damaged: 1,
    longestPauseMs: 9,
  });
});
