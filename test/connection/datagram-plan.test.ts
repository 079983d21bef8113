import assert from "node:assert/strict";
import { test } from "node:test";

import { type BindOptions, boundsOf, planOf } from "../../src/connection/datagram-plan.js";
import { limits } from "../../src/core/limits.js";

const anywhere = "udp://*:0";

test("nothing wished for means any family and the documented limits", () => {
  const { host, port, family, socket } = planOf(anywhere, {});
  assert.deepEqual(
    [host, port, family, socket.broadcast, socket.reuseAddress],
    ["*", 0, undefined, false, false],
  );
  assert.equal(boundsOf({}).datagramBytesMax, limits.datagramBytesMax);
  assert.equal(boundsOf({ lingerMs: 5 }).lingerMs, 5);
});

test("the family follows from what only one of them has", () => {
  const wishes: [BindOptions<never, never>, 4 | 6][] = [
    [{ family: 6 }, 6],
    [{ broadcast: true }, 4],
    [{ multicast: { groups: ["239.1.2.3"] } }, 4],
    [{ multicast: { groups: ["ff02::1"], interface: "::%lo" } }, 6],
    [{ multicast: { interface: "127.0.0.1", ttl: 0 } }, 4],
  ];
  for (const [options, family] of wishes) assert.equal(planOf(anywhere, options).family, family);
});

test("what cannot be is told by the name that was written", () => {
  const wrong: [BindOptions<never, never>, RegExp][] = [
    [{ family: 7 as 4 }, /^family must be 4 or 6, got 7$/],
    [{ family: 6, broadcast: true }, /IPv4 and IPv6 at once/],
    [{ connect: "tcp://127.0.0.1:1" }, /datagrams go to udp/],
    [{ kernelReceiveBytes: -5 }, /^kernelReceiveBytes must be a whole number from 1 to 2147483647, got -5$/],
    [{ kernelSendBytes: 2 ** 31 }, /^kernelSendBytes must be/],
    [{ multicast: { ttl: 999 } }, /^multicast.ttl must be a whole number from 0 to 255, got 999$/],
    [{ multicast: { interface: "eth0" } }, /"eth0" is no multicast.interface; give its own IPv4 address/],
    [{ multicast: { interface: "::1" } }, /"::1" is no multicast.interface/],
    [{ multicast: { groups: ["10.0.0.1"] } }, /"10.0.0.1" is no multicast group/],
    [{ multicast: { groups: ["239.0.0.1"], interface: "::%lo" } }, /IPv4 and IPv6 at once/],
  ];
  for (const [options, message] of wrong) {
    assert.throws(() => planOf(anywhere, options), { name: "UsageError", message });
  }
  assert.throws(() => planOf("127.0.0.1:0", {}), { message: /datagrams need udp:..; write udp/ });
  assert.throws(() => boundsOf({ timeoutMs: -1 }), { name: "UsageError", message: /timeoutMs/ });
});
