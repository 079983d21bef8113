// Who may give orders, and who has tried too often.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AdminGuard } from "../../src/hub/admin-guard.js";
import { UsageError } from "../../src/index.js";
import { ManualClock } from "../support/manual-clock.js";

const code = "correct horse battery";

function guard() {
  const clock = new ManualClock();
  return { clock, guard: new AdminGuard(code, clock) };
}

test("the code opens, whatever was tried before", () => {
  const { guard: own } = guard();
  assert.match(own.refusal("wrong", "tcp://192.0.2.1")?.reason ?? "", /not the hub's admin code/);
  assert.equal(own.refusal(code, "tcp://192.0.2.1"), undefined);
});

test("the fifth wrong one is an address's last for a minute, and nobody else's", () => {
  const { guard: own, clock } = guard();
  const tries = Array.from({ length: 5 }, () => own.refusal("wrong", "tcp://192.0.2.1")?.isLast);
  assert.deepEqual(tries, [false, false, false, false, true]);
  assert.match(own.refusal(code, "tcp://192.0.2.1")?.reason ?? "", /wait a minute/);
  assert.equal(own.refusal(code, "tcp://192.0.2.2"), undefined);
  clock.advance(60_000);
  assert.equal(own.refusal(code, "tcp://192.0.2.1"), undefined);
});

test("the right one forgives the wrong ones before it", () => {
  const { guard: own } = guard();
  for (let round = 0; round < 3; round += 1) {
    for (let count = 0; count < 4; count += 1) assert.equal(own.refusal("", "a")?.isLast, false);
    assert.equal(own.refusal(code, "a"), undefined);
  }
});

test("what is remembered of addresses is bounded", () => {
  const { guard: own } = guard();
  for (let count = 0; count < 5; count += 1) own.refusal("wrong", "first");
  for (let other = 0; other < 1_024; other += 1) own.refusal("wrong", `other-${other}`);
  assert.equal(own.refusal(code, "first"), undefined);
});

test("a hub without a code lets nobody, and one with a short code is none", () => {
  const clock = new ManualClock();
  assert.match(new AdminGuard(undefined, clock).refusal("", "a")?.reason ?? "", /has no admin code/);
  assert.throws(() => new AdminGuard("short", clock), UsageError);
  assert.throws(() => new AdminGuard(12_345 as unknown as string, clock), UsageError);
});
