// The lock between processes: one holder at a time, whoever dies or comes late.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { systemClock } from "../../src/core/clock.js";
import { withPathLock } from "../../src/transport/path-lock.js";
import { ManualClock } from "../support/manual-clock.js";

const folder = mkdtempSync(join(tmpdir(), "holdfast-lock-"));
after(() => rmSync(folder, { recursive: true }));

test("many who want it have it one after the other, and nothing stays behind", async () => {
  const path = join(folder, "many");
  let inside = 0;
  const outcomes = Array.from({ length: 5 }, (_, index) =>
    withPathLock(path, systemClock, async () => {
      inside += 1;
      assert.equal(inside, 1);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
      return index;
    }),
  );
  assert.deepEqual(await Promise.all(outcomes), [0, 1, 2, 3, 4]);
  assert.ok(!existsSync(path));
});

test("it is given back when the body fails", async () => {
  const path = join(folder, "failing");
  const failing = withPathLock(path, systemClock, () => Promise.reject(new Error("no")));
  await assert.rejects(failing, { message: "no" });
  assert.ok(!existsSync(path));
});

test("what a process that died has left is taken after a while, and what is another's by then is not", async () => {
  const path = join(folder, "dead");
  writeFileSync(path, "dead");
  const clock = new ManualClock();
  let taken = false;
  const taking = withPathLock(path, clock, async () => {
    taken = true;
    assert.notEqual(readFileSync(path, "utf8"), "another");
  });
  const passSome = async (ms: number) => {
    for (const until = clock.now() + ms; clock.now() < until && !taken; ) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(clock.pending * 10);
    }
  };
  await passSome(4_900);
  // It changes hands: waiting begins anew.
  writeFileSync(path, "another");
  await passSome(4_900);
  assert.equal(taken, false);
  await passSome(500);
  await taking;
  assert.ok(taken && !existsSync(path));
});

test("where no file can be made, the system says why", async () => {
  const path = join(folder, "no", "folder");
  const body = () => assert.fail("nobody holds it");
  await assert.rejects(withPathLock(path, systemClock, body), { code: "ENOENT" });
});
