import assert from "node:assert/strict";
import { test } from "node:test";
import type { ResumeKey } from "../../src/protocol/session/handshake-bodies.js";
import { type Kept, Registry } from "../../src/session/registry.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";

const entry = (id: string, address = "here"): Kept => ({ key: { id } as ResumeKey, address });

test("a session is found by its id until it is removed", () => {
  const registry = new Registry(new VirtualClock(), 10);
  const [a, b] = [entry("a"), entry("b")];
  registry.add(a);
  registry.add(b);
  assert.deepEqual([registry.find("a"), registry.find("c"), registry.size], [a, undefined, 2]);
  registry.remove(a);
  assert.deepEqual([...registry], [b]);
});

test("without a link it is kept for its time; a link, or its end, takes the timer away", () => {
  const clock = new VirtualClock();
  const registry = new Registry(clock, 10);
  const expired: string[] = [];
  const [a, b, c] = [entry("a"), entry("b"), entry("c")];
  for (const one of [a, b, c]) {
    registry.add(one);
    registry.detached(one, 1_000, () => expired.push(one.key.id));
  }
  assert.equal(registry.detachedSize, 3);
  registry.attached(a);
  registry.attached(a);
  registry.remove(b);
  assert.deepEqual([registry.detachedSize, clock.pending], [1, 1]);
  clock.advance(1_000);
  assert.deepEqual(expired, ["c"]);
});

test("above the bound the oldest of the address that has most must go", () => {
  const registry = new Registry(new VirtualClock(), 3);
  const entries = [
    entry("1", "few"),
    entry("2", "many"),
    entry("3", "many"),
    entry("4", "few"),
    entry("5", "many"),
  ];
  const evicted = entries.map((one) => {
    registry.add(one);
    const out = registry.detached(one, 1_000, () => {});
    if (out !== undefined) registry.remove(out);
    return out?.key.id;
  });
  assert.deepEqual(evicted, [undefined, undefined, undefined, "1", "2"]);
});
