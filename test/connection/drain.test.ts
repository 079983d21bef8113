import assert from "node:assert/strict";
import { test } from "node:test";
import { Drain } from "../../src/connection/drain.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { turns } from "../support/connected.js";

test("the work is done once, and the earliest deadline holds", async () => {
  const clock = new VirtualClock();
  const drain = new Drain(clock);
  let works = 0;
  const work = async (deadline: Promise<void>) => {
    works += 1;
    await deadline;
    return clock.now();
  };
  const all = [drain.run(1_000, work), drain.run(100, work), drain.run(5_000, work)];
  await turns();
  clock.advance(100);
  assert.deepEqual(await Promise.all(all), [100, 100, 100]);
  assert.equal(works, 1);
  assert.equal(await drain.run(1, work), 100);
  assert.equal(clock.pending, 0, "no timer is left");
});

test("work that ends before its deadline, or fails, leaves no timer", async () => {
  const clock = new VirtualClock();
  const failing = new Drain(clock).run(1_000, async () => {
    throw new Error("no");
  });
  await assert.rejects(failing, { message: "no" });
  assert.equal(clock.pending, 0);
});
