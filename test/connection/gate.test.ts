import assert from "node:assert/strict";
import { test } from "node:test";

import { Gate, type GateLimits } from "../../src/connection/gate.js";
import type { LifecycleEvent } from "../../src/core/lifecycle.js";
import { Ranges } from "../../src/core/ranges.js";
import { ManualClock } from "../support/manual-clock.js";

const door = { id: 7, endpoint: "tcp://127.0.0.1:12345" };

function gateWith(limits: Partial<GateLimits>) {
  const clock = new ManualClock();
  const events: LifecycleEvent[] = [];
  const gate = new Gate(
    { connectionsMax: 100, connectionsPerAddressMax: 0, turnedAwayMax: 0, ...limits },
    clock,
    (event) => void events.push(event),
  );
  return { gate, clock, events };
}

test("as many as the bound come in; when one leaves, there is room for one", () => {
  const { gate } = gateWith({ connectionsMax: 2 });
  assert.deepEqual(
    [1, 2, 3].map((port) => gate.admit(`tcp://10.0.0.1:${port}`, door)),
    [true, true, false],
  );
  gate.leave("tcp://10.0.0.1:1");
  assert.equal(gate.admit("tcp://10.0.0.1:4", door), true);
  assert.deepEqual([gate.open, gate.accepted, gate.refused], [2, 3, 1]);
});

test("a connection on a reserved descriptor comes in, and says that there is no room, until some is free again", () => {
  const { gate } = gateWith({ turnedAwayMax: 16 });
  const admit = (isReserved: boolean) => gate.admit("unix:", door, isReserved);
  assert.deepEqual([admit(false), admit(false), gate.isOverfull], [true, true, false]);
  assert.deepEqual([admit(true), admit(true), gate.isOverfull], [true, true, true]);
  gate.leave("unix:");
  assert.equal(gate.isOverfull, true);
  gate.leave("unix:");
  assert.equal(gate.isOverfull, false);
  // Two were the bound only for as long as something else held descriptors.
  assert.deepEqual([admit(false), admit(false), gate.isOverfull], [true, true, false]);
});

test("one address has its own bound; others, loopback, Unix and memory peers are not touched by it", () => {
  const { gate } = gateWith({ connectionsPerAddressMax: 1 });
  assert.equal(gate.admit("tcp://10.0.0.1:1", door), true);
  assert.equal(gate.admit("tcp://10.0.0.1:2", door), false);
  assert.equal(gate.admit("tcp://[2001:db8::1]:1", door), true);
  assert.equal(gate.admit("tcp://[2001:db8::1]:2", door), false);
  for (const free of ["tcp://127.0.0.1:1", "tcp://[::1]:1", "unix:", "memory:dialer-1"]) {
    assert.deepEqual([gate.admit(free, door), gate.admit(free, door)], [true, true]);
  }
  gate.leave("tcp://10.0.0.1:1");
  assert.equal(gate.admit("tcp://10.0.0.1:3", door), true);
});

test("a peer's address is counted whatever the interface in its zone is called", () => {
  const { gate } = gateWith({ connectionsPerAddressMax: 1 });
  for (const zone of ["d+y", "a@b", "x?#é"]) {
    assert.equal(gate.admit(`tcp://[fe80::1%${zone}]:1`, door), true);
    assert.equal(gate.admit(`tcp://[fe80::1%${zone}]:2`, door), false);
    gate.leave(`tcp://[fe80::1%${zone}]:1`);
    assert.equal(gate.admit(`tcp://[fe80::1%${zone}]:3`, door), true);
  }
});

test("a trusted proxy never counts, and those that it names do", () => {
  const trustedProxies = new Ranges(["10.0.0.0/8"], "trustedProxies");
  const { gate } = gateWith({ connectionsPerAddressMax: 1, trustedProxies });
  const through = (client: string) => {
    assert.equal(gate.admit("tcp://10.0.0.1:1", door), true);
    return gate.rename("tcp://10.0.0.1:1", client, door);
  };
  assert.deepEqual([through("tcp://192.0.2.7:1"), through("tcp://192.0.2.7:2"), gate.open], [true, false, 1]);
  assert.equal(through("tcp://192.0.2.8:1"), true);
  // Whoever comes without a proxy is counted with them.
  assert.equal(gate.admit("tcp://192.0.2.8:2", door), false);
  gate.leave("tcp://192.0.2.7:1");
  assert.equal(through("tcp://192.0.2.7:3"), true);
  // A name that a connection gives up is free again.
  assert.equal(gate.rename("tcp://192.0.2.7:3", "tcp://192.0.2.9:1", door), true);
  assert.equal(through("tcp://192.0.2.7:4"), true);
  assert.deepEqual([gate.open, gate.refused], [3, 2]);
});

test("each listener tells of its own refusals, by its id and endpoint", () => {
  const { gate, clock, events } = gateWith({ connectionsMax: 1 });
  gate.admit("unix:", door);
  gate.admit("unix:", door);
  gate.refuse("no descriptors", { id: 8, endpoint: "unix:/socket" });
  gate.admit("unix:", door);
  assert.equal(gate.refused, 3);
  const refused = { name: "refused", kind: "listener", by: "local", count: 1 } as const;
  const full = { ...refused, id: 7, local: "tcp://127.0.0.1:12345", reason: "connectionsMax is 1" };
  const other = { ...refused, id: 8, local: "unix:/socket", reason: "no descriptors" };
  assert.deepEqual(events, [full, other]);
  gate.close();
  assert.deepEqual(events, [full, other, full]);
  assert.equal(clock.pending, 0);
  gate.refuse("too late to be told", door);
  assert.deepEqual([gate.refused, events.length, clock.pending], [4, 3, 0]);
});
