import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { turning } from "../../src/testing/turning.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";

/** Runs `work` in virtual time; `withinMs` is a second. */
async function run(clock: VirtualClock, work: () => Promise<unknown>): Promise<void> {
  let over = false;
  const working = work().finally(() => {
    over = true;
  });
  await Promise.all([turning(clock, { withinMs: 1_000, goOn: () => !over }), working]);
}

const sleep = (clock: VirtualClock, ms: number) =>
  new Promise<void>((resolve) => void clock.setTimer(resolve, ms));

test("time passes only while nothing is ready", async () => {
  const clock = new VirtualClock();
  const seen: string[] = [];
  clock.setTimer(() => seen.push(`timer at ${clock.now()}`), 1);
  await run(clock, async () => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    await new Promise<void>((resolve) => process.nextTick(resolve));
    seen.push(`ready at ${clock.now()}`);
    await sleep(clock, 2);
    seen.push(`slept till ${clock.now()}`);
  });
  assert.deepEqual(seen, ["ready at 0", "timer at 1", "slept till 2"]);
});

test("two at once do not wait for each other", async () => {
  const [one, other] = [new VirtualClock(), new VirtualClock()];
  await Promise.all([run(one, () => sleep(one, 10)), run(other, () => sleep(other, 20))]);
  assert.deepEqual([one.now(), other.now()], [10, 20]);
});

test("a story that waits for a file is not stuck", async () => {
  const clock = new VirtualClock();
  await run(clock, () => readFile("package.json"));
});

test("a story that waits for nothing is told so at once", async () => {
  await assert.rejects(
    run(new VirtualClock(), () => new Promise(() => {})),
    {
      name: "UsageError",
      message: /^simulate: the story has not ended, and nothing is left that could happen; look for/,
    },
  );
});

test("a story that goes on for ever is given up", async () => {
  const clock = new VirtualClock();
  const beat = () => void clock.setTimer(beat, 100);
  beat();
  await assert.rejects(
    run(clock, () => new Promise(() => {})),
    { message: /1000 ms have passed; .*; or allow more with withinMs$/ },
  );
});

test("what a timer throws ends it", async () => {
  const clock = new VirtualClock();
  clock.setTimer(() => {
    throw new Error("out of a timer");
  }, 1);
  await assert.rejects(
    run(clock, () => new Promise(() => {})),
    { message: "out of a timer" },
  );
});
