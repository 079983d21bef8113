import assert from "node:assert/strict";
import { test } from "node:test";

import { withRetry } from "../../src/connection/retry.js";
import { DisconnectedError, UsageError } from "../../src/core/errors.js";
import { Alarm } from "../support/alarm.js";
import { turns } from "../support/connected.js";
import { ManualClock } from "../support/manual-clock.js";

const refused = () => new DisconnectedError("ERR_CONNECTION_REFUSED", "connection refused");
const context = { op: "connect", endpoint: "tcp://peer:1" };

test("without retry there is one attempt", async () => {
  let attempts = 0;
  const attempt = () => {
    attempts += 1;
    return Promise.reject(refused());
  };
  await assert.rejects(withRetry(attempt, undefined, { signal: undefined, context }), {
    name: "DisconnectedError",
  });
  assert.equal(attempts, 1);
});

test("attempts follow each other after full-jitter pauses, until one succeeds", async () => {
  const clock = new ManualClock();
  const at: number[] = [];
  const attempt = async () => {
    at.push(clock.now());
    if (at.length < 5) throw refused();
    return "connected";
  };
  const outcome = withRetry(
    attempt,
    { attempts: 9, baseMs: 100, maxMs: 300, random: () => 0.5 },
    {
      clock,
      signal: undefined,
      context,
    },
  );
  for (let step = 0; step < 100; step += 1) {
    await turns(1);
    clock.advance(10);
  }
  assert.equal(await outcome, "connected");
  // Half of 100, 200, 300 and, bounded, 300 again.
  assert.deepEqual(at, [0, 50, 150, 300, 450]);
  assert.equal(clock.pending, 0);
});

test("the last attempt's error is the error", async () => {
  let attempts = 0;
  const attempt = () => {
    attempts += 1;
    return Promise.reject(refused());
  };
  const retry = { attempts: 3, baseMs: 0, maxMs: 0 };
  await assert.rejects(withRetry(attempt, retry, { signal: undefined, context }), {
    code: "ERR_CONNECTION_REFUSED",
  });
  assert.equal(attempts, 3);
});

test("the total deadline ends it in the middle of a pause or an attempt, and says why the last one failed", async () => {
  const clock = new ManualClock();
  const attempt = () => Promise.reject(refused());
  const outcome = withRetry(
    attempt,
    { totalMs: 1_000, baseMs: 400, maxMs: 400, random: () => 0.99 },
    {
      clock,
      signal: undefined,
      context,
    },
  );
  const rejected = assert.rejects(outcome, {
    name: "TimeoutError",
    message: "connect tcp://peer:1: no success within 1000 ms and 3 attempts: connection refused",
  });
  for (let step = 0; step < 101; step += 1) {
    await turns(1);
    clock.advance(10);
  }
  await rejected;
  assert.equal(clock.pending, 0);
});

test("an abort ends the pause with the signal's own reason", async () => {
  const clock = new ManualClock();
  const stop = new AbortController();
  const outcome = withRetry(() => Promise.reject(refused()), {}, { clock, signal: stop.signal, context });
  await turns();
  stop.abort(new Error("gave up"));
  await assert.rejects(outcome, { message: "gave up" });
  assert.equal(clock.pending, 0);
});

test("what cannot work is not tried again", async () => {
  let attempts = 0;
  const attempt = () => {
    attempts += 1;
    return Promise.reject(new UsageError("no such option"));
  };
  await assert.rejects(withRetry(attempt, {}, { signal: undefined, context }), { name: "UsageError" });
  assert.equal(attempts, 1);
});

test("nonsense is refused, under the name that was written", () => {
  for (const [name, value] of [
    ["attempts", 0],
    ["attempts", 1.5],
    ["attempts", Number.NaN],
    ["totalMs", -1],
    ["baseMs", 0.5],
    ["maxMs", -1],
  ] as const) {
    const retry = { [name]: value };
    assert.throws(() => withRetry(() => Promise.resolve(1), retry, { signal: undefined, context }), {
      name: "UsageError",
      message: new RegExp(`^retry\\.${name} must be a whole number of at least [01], got ${value}$`),
    });
  }
});

test("a wake ends the pause between two attempts", async () => {
  const [clock, alarm] = [new ManualClock(), new Alarm()];
  let attempts = 0;
  const attempt = () => {
    attempts += 1;
    return attempts === 2 ? Promise.resolve("there") : Promise.reject(refused());
  };
  const retrying = withRetry(attempt, {}, { clock, signal: undefined, context, wakes: alarm.wakes });
  await turns();
  alarm.ring();
  assert.equal(await retrying, "there");
  assert.deepEqual([alarm.sleepers, clock.pending], [0, 0]);
});
