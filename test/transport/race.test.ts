// The race between addresses: head starts, hand-overs, one winner, and nobody left running.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Attempt, race } from "../../src/transport/race.js";
import { turns } from "../support/connected.js";
import { ManualClock } from "../support/manual-clock.js";

const delayMs = 250;

/** A race between candidates that end when the test says so. */
function scene(...candidates: string[]) {
  const clock = new ManualClock();
  const stop = new AbortController();
  const log: string[] = [];
  const running = new Map<string, { resolve(value: string): void; reject(error: Error): void }>();
  const start = (name: string): Attempt<string> => {
    log.push(`start ${name}`);
    const outcome = new Promise<string>((resolve, reject) => running.set(name, { resolve, reject }));
    return { outcome, cancel: () => log.push(`cancel ${name}`) };
  };
  const outcome = race(candidates, start, { clock, delayMs, stop: stop.signal });
  outcome.catch(() => {});
  return {
    clock,
    stop,
    log,
    outcome,
    succeed: (name: string) => running.get(name)?.resolve(name),
    fail: (name: string) => running.get(name)?.reject(new Error(`no ${name}`)),
  };
}

test("the first that answers in its head start runs alone", async () => {
  const { clock, log, outcome, succeed } = scene("a", "b");
  clock.advance(delayMs - 1);
  succeed("a");
  assert.equal(await outcome, "a");
  assert.deepEqual(log, ["start a"]);
  assert.equal(clock.pending, 0);
});

test("one that is silent is joined by the next, and the loser is cancelled", async () => {
  const { clock, log, outcome, succeed } = scene("a", "b", "c");
  clock.advance(delayMs);
  assert.deepEqual(log, ["start a", "start b"]);
  succeed("b");
  assert.equal(await outcome, "b");
  assert.deepEqual(log, ["start a", "start b", "cancel a"]);
  assert.equal(clock.pending, 0);
});

test("one that fails hands over at once, and the next has a whole head start", async () => {
  const { clock, log, outcome, succeed, fail } = scene("a", "b", "c");
  clock.advance(delayMs - 1);
  fail("a");
  await turns(1);
  assert.deepEqual(log, ["start a", "start b"]);
  clock.advance(delayMs - 1);
  assert.deepEqual(log, ["start a", "start b"]);
  clock.advance(1);
  assert.deepEqual(log, ["start a", "start b", "start c"]);
  succeed("b");
  assert.equal(await outcome, "b");
});

test("a slow first one may still win", async () => {
  const { clock, log, outcome, succeed } = scene("a", "b");
  clock.advance(delayMs);
  succeed("a");
  assert.equal(await outcome, "a");
  assert.deepEqual(log, ["start a", "start b", "cancel b"]);
});

test("two that answer at once make one winner, and the other is cancelled once", async () => {
  const { clock, log, outcome, succeed } = scene("a", "b");
  clock.advance(delayMs);
  succeed("b");
  succeed("a");
  assert.equal(await outcome, "b");
  await turns(1);
  assert.deepEqual(new Set(log.slice(2)), new Set(["cancel a"]));
});

test("when all have failed, each one's error is there in the order of the candidates", async () => {
  const { clock, outcome, fail } = scene("a", "b", "c");
  clock.advance(2 * delayMs);
  for (const name of ["c", "a", "b"]) fail(name);
  await assert.rejects(outcome, (error) => {
    assert.ok(error instanceof AggregateError);
    assert.deepEqual(
      error.errors.map(({ message }) => message),
      ["no a", "no b", "no c"],
    );
    return true;
  });
  assert.equal(clock.pending, 0);
});

test("once it is stopped nothing runs and nothing starts", async () => {
  const { clock, stop, log, succeed, fail } = scene("a", "b", "c");
  clock.advance(delayMs);
  stop.abort();
  assert.deepEqual(log, ["start a", "start b", "cancel a", "cancel b"]);
  fail("a");
  succeed("b");
  clock.advance(10 * delayMs);
  await turns(1);
  assert.ok(!log.includes("start c"));
  assert.equal(clock.pending, 0);
});
