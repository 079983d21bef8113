import assert from "node:assert/strict";
import { test } from "node:test";

import { Gate } from "../../src/connection/gate.js";
import type { LifecycleEvent } from "../../src/core/lifecycle.js";
import { ManualClock } from "../support/manual-clock.js";

function gateWith(limits: { connectionsMax?: number; connectionsPerAddressMax?: number }) {
  const clock = new ManualClock();
  const events: LifecycleEvent[] = [];
  const gate = new Gate(
    { connectionsMax: 100, connectionsPerAddressMax: 0, ...limits },
    clock,
    (event) => void events.push(event),
  );
  return { gate, clock, events };
}

test("as many as the bound come in; when one leaves, there is room for one", () => {
  const { gate } = gateWith({ connectionsMax: 2 });
  assert.deepEqual(
    [1, 2, 3].map((port) => gate.admit(`tcp://10.0.0.1:${port}`)),
    [true, true, false],
  );
  gate.leave("tcp://10.0.0.1:1");
  assert.equal(gate.admit("tcp://10.0.0.1:4"), true);
  assert.deepEqual([gate.open, gate.accepted, gate.refused], [2, 3, 1]);
});

test("one address has its own bound; others, loopback, Unix and memory peers are not touched by it", () => {
  const { gate } = gateWith({ connectionsPerAddressMax: 1 });
  assert.equal(gate.admit("tcp://10.0.0.1:1"), true);
  assert.equal(gate.admit("tcp://10.0.0.1:2"), false);
  assert.equal(gate.admit("tcp://[2001:db8::1]:1"), true);
  assert.equal(gate.admit("tcp://[2001:db8::1]:2"), false);
  for (const free of ["tcp://127.0.0.1:1", "tcp://[::1]:1", "unix:", "memory:dialer-1"]) {
    assert.deepEqual([gate.admit(free), gate.admit(free)], [true, true]);
  }
  gate.leave("tcp://10.0.0.1:1");
  assert.equal(gate.admit("tcp://10.0.0.1:3"), true);
});

test("refusals are all counted, and told at most once a second", () => {
  const { gate, clock, events } = gateWith({ connectionsMax: 1 });
  gate.admit("unix:");
  for (let count = 0; count < 50; count += 1) gate.admit("unix:");
  clock.advance(999);
  gate.admit("unix:");
  clock.advance(1);
  gate.refuse("no descriptors");
  assert.equal(gate.refused, 52);
  assert.deepEqual(
    events.map(({ name, reason, count }) => ({ name, reason, count })),
    [
      { name: "refused", reason: "connectionsMax is 1", count: 1 },
      { name: "refused", reason: "no descriptors", count: 51 },
    ],
  );
});
