import assert from "node:assert/strict";
import { test } from "node:test";

import { seeded } from "../../src/testing/cuts.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";

test("timers fire in the order of their times, those of one time in the order in which they were set", () => {
  const clock = new VirtualClock();
  const fired: string[] = [];
  const set = (name: string, delayMs: number) =>
    clock.setTimer(() => fired.push(`${name}@${clock.now()}`), delayMs);
  set("c", 20);
  set("a", 10);
  set("b", 10);
  set("now", -5);
  set("also now", Number.NaN);
  while (clock.next());
  assert.deepEqual(fired, ["now@0", "also now@0", "a@10", "b@10", "c@20"]);
  assert.deepEqual([clock.pending, clock.nextAt, clock.now()], [0, undefined, 20]);
});

test("a cleared timer never fires, and clearing it again does no harm", () => {
  const clock = new VirtualClock();
  const timer = clock.setTimer(() => assert.fail("it was cleared"), 1);
  clock.clearTimer(timer);
  clock.clearTimer(timer);
  clock.clearTimer(undefined);
  assert.equal(clock.next(), false);
});

test("advance fires what is due, also what that sets, and stops between timers", () => {
  const clock = new VirtualClock();
  const fired: number[] = [];
  const again = () => {
    fired.push(clock.now());
    clock.setTimer(again, 10);
  };
  clock.setTimer(again, 10);
  clock.advance(35);
  assert.deepEqual([fired, clock.now(), clock.nextAt], [[10, 20, 30], 35, 40]);
});

test("after a jump timers fire late, in their order, at the new time", () => {
  const clock = new VirtualClock();
  const fired: string[] = [];
  for (const delayMs of [30, 10, 200]) {
    clock.setTimer(() => fired.push(`${delayMs}@${clock.now()}`), delayMs);
  }
  clock.jump(100);
  clock.jump(-50);
  while (clock.next());
  assert.deepEqual(fired, ["10@100", "30@100", "200@200"]);
});

test("among many timers, set and cleared by chance, the order holds", () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const random = seeded(seed);
  const clock = new VirtualClock();
  const expected = new Set<number>();
  const fired: number[] = [];
  const timers = Array.from({ length: 2_000 }, (_, index) => {
    const at = Math.floor(random() * 500);
    expected.add(at * 10_000 + index);
    return { key: at * 10_000 + index, timer: clock.setTimer(() => fired.push(at * 10_000 + index), at) };
  });
  for (const { key, timer } of timers) {
    if (random() < 0.5) continue;
    clock.clearTimer(timer);
    expected.delete(key);
  }
  while (clock.next());
  assert.deepEqual(
    fired,
    [...expected].sort((a, b) => a - b),
    `SEED=${seed}`,
  );
});

test("a delay is 24 days at most, as the system's", () => {
  const clock = new VirtualClock();
  clock.setTimer(() => {}, Number.POSITIVE_INFINITY);
  assert.equal(clock.nextAt, 2 ** 31 - 1);
});
