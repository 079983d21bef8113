// Waiting until a deadline or a signal: who wins, what the loser is told, and that nothing is left behind.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import type { Clock } from "../../src/core/clock.js";
import { pause, withDeadline } from "../../src/core/deadline.js";
import { TimeoutError } from "../../src/core/errors.js";
import { Alarm } from "../support/alarm.js";

/** A clock whose timers fire when the test says so. */
class HeldClock implements Clock {
  readonly timers = new Map<number, { readonly callback: () => void; readonly delayMs: number }>();
  #last = 0;

  now(): number {
    return 0;
  }

  setTimer(callback: () => void, delayMs: number): number {
    this.#last += 1;
    this.timers.set(this.#last, { callback, delayMs });
    return this.#last;
  }

  clearTimer(timer: unknown): void {
    this.timers.delete(timer as number);
  }

  expire(): void {
    for (const { callback } of this.timers.values()) callback();
  }
}

function scene() {
  const clock = new HeldClock();
  const caller = new AbortController();
  const deadline = {
    clock,
    timeoutMs: 250,
    signal: caller.signal,
    onTimeout: () => new TimeoutError(250, "no answer"),
  };
  const assertNothingLeft = () => {
    assert.equal(clock.timers.size, 0, "no timer is left");
    assert.equal(getEventListeners(caller.signal, "abort").length, 0, "no listener is left");
  };
  return { clock, caller, deadline, assertNothingLeft };
}

/** Work that never ends by itself, and notes what it was told. */
function endless() {
  const told: unknown[] = [];
  const work = (stop: AbortSignal) => {
    stop.addEventListener("abort", () => told.push(stop.reason));
    return new Promise<never>(() => {});
  };
  return { work, told };
}

test("work that ends in time gives its outcome", async () => {
  const { clock, deadline, assertNothingLeft } = scene();
  const waiting = withDeadline(async () => "done", deadline);
  assert.deepEqual(
    [...clock.timers.values()].map(({ delayMs }) => delayMs),
    [250],
  );
  assert.equal(await waiting, "done");
  await Promise.resolve();
  assertNothingLeft();
});

test("work that fails in time gives its own error", async () => {
  const { deadline, assertNothingLeft } = scene();
  const failing = withDeadline(async () => {
    throw new Error("refused");
  }, deadline);
  await assert.rejects(failing, { message: "refused" });
  await Promise.resolve();
  assertNothingLeft();
});

test("when the time is up the wait ends at once, and the work is told why", async () => {
  const { clock, deadline, assertNothingLeft } = scene();
  const { work, told } = endless();
  const waiting = withDeadline(work, deadline);
  clock.expire();
  await assert.rejects(waiting, TimeoutError);
  assert.ok(told[0] instanceof TimeoutError);
  assertNothingLeft();
});

test("the caller's abort ends the wait with the signal's own reason, and the work is told the same", async () => {
  const { caller, deadline, assertNothingLeft } = scene();
  const { work, told } = endless();
  const waiting = withDeadline(work, deadline);
  const reason = new Error("changed my mind");
  caller.abort(reason);
  await assert.rejects(waiting, reason);
  assert.deepEqual(told, [reason]);
  assertNothingLeft();
});

test("with a signal that was aborted before, the work never begins", async () => {
  const { caller, deadline, assertNothingLeft } = scene();
  caller.abort(new Error("early"));
  let begun = false;
  const waiting = withDeadline(async () => {
    begun = true;
  }, deadline);
  await assert.rejects(waiting, { message: "early" });
  assert.equal(begun, false);
  assertNothingLeft();
});

test("without a bound in time no timer is set", async () => {
  const { clock, deadline } = scene();
  const waiting = withDeadline(async () => "done", { ...deadline, timeoutMs: Number.POSITIVE_INFINITY });
  assert.equal(clock.timers.size, 0);
  assert.equal(await waiting, "done");
});

test("a result that comes when the wait is over is released, and told to nobody", async () => {
  const { deadline, caller } = scene();
  const released: string[] = [];
  let finish: (result: string) => void = () => {};
  const work = () => new Promise<string>((resolve) => (finish = resolve));
  const waiting = withDeadline(work, { ...deadline, onLate: (late) => released.push(late) });
  finish("late");
  caller.abort(new Error("changed my mind"));
  await assert.rejects(waiting, { message: "changed my mind" });
  assert.deepEqual(released, ["late"]);
});

test("a pause ends when its time has come, and leaves its signal alone", async () => {
  const { clock, caller } = scene();
  const pausing = pause(clock, 50, caller.signal);
  const [timer] = [...clock.timers.values()];
  assert.equal(timer?.delayMs, 50);
  timer?.callback();
  await pausing;
  assert.equal(getEventListeners(caller.signal, "abort").length, 0);
});

test("a pause ends early at a wake, once, and wants no more of them", async () => {
  const { clock, caller } = scene();
  const alarm = new Alarm();
  const pausing = pause(clock, 50, caller.signal, alarm.wakes);
  alarm.ring();
  await pausing;
  assert.deepEqual([clock.timers.size, alarm.sleepers], [0, 0]);
  assert.equal(getEventListeners(caller.signal, "abort").length, 0);
});

test("a pause that is aborted, before or during it, says why and leaves no timer", async () => {
  const { clock, caller } = scene();
  const pausing = pause(clock, 50, caller.signal);
  caller.abort(new Error("no more time"));
  await assert.rejects(pausing, { message: "no more time" });
  await assert.rejects(pause(clock, 50, caller.signal), { message: "no more time" });
  assert.equal(clock.timers.size, 0);
});
