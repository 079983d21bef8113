// The machine's own clock: monotonic, and its timers keep the process alive while they are set.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mock, test } from "node:test";
import { promisify } from "node:util";
import { systemClock } from "../../src/core/clock.js";

test("the clock never runs backwards", () => {
  let last = systemClock.now();
  for (let reading = 0; reading < 10_000; reading += 1) {
    const now = systemClock.now();
    assert.ok(now >= last);
    last = now;
  }
});

test("a timer calls back once, after its delay and not before", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const callback = mock.fn();
  systemClock.setTimer(callback, 100);
  t.mock.timers.tick(99);
  assert.equal(callback.mock.callCount(), 0);
  t.mock.timers.tick(1);
  assert.equal(callback.mock.callCount(), 1);
  t.mock.timers.tick(1_000);
  assert.equal(callback.mock.callCount(), 1);
});

test("a timer that was cleared never calls back", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const callback = mock.fn();
  systemClock.clearTimer(systemClock.setTimer(callback, 100));
  t.mock.timers.tick(1_000);
  assert.equal(callback.mock.callCount(), 0);
});

test("a delay above what the platform takes does not fire at once", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const callback = mock.fn();
  systemClock.setTimer(callback, Number.MAX_SAFE_INTEGER);
  t.mock.timers.tick(2 ** 31 - 2);
  assert.equal(callback.mock.callCount(), 0);
  t.mock.timers.tick(1);
  assert.equal(callback.mock.callCount(), 1);
});

test("a timer keeps its process alive until it has called back, and not after it was cleared", async () => {
  const clock = new URL("../../src/core/clock.js", import.meta.url).href;
  const program = `
    import { systemClock } from ${JSON.stringify(clock)};
    systemClock.setTimer(() => console.log("called back"), 10);
    systemClock.clearTimer(systemClock.setTimer(() => console.log("never"), 3_600_000));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program]);
  assert.equal(stdout, "called back\n");
});
