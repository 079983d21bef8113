import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalHost, Origins, Targets } from "../../src/connection/datagram-names.js";

test("a peer's name is built once, and remembered for a bounded number of peers", () => {
  const origins = new Origins();
  for (let port = 1; port <= 5_000; port += 1) {
    assert.equal(origins.nameOf("10.0.0.1", port), `udp://10.0.0.1:${port}`);
    assert.equal(origins.nameOf("10.0.0.1", port), `udp://10.0.0.1:${port}`);
  }
});

test("one address has one spelling, whoever wrote it", () => {
  for (const [written, canonical] of [
    ["0:0::1", "::1"],
    ["FE80::0:1%Eth0", "fe80::1%Eth0"],
    ["127.0.0.1", "127.0.0.1"],
    ["localhost", "localhost"],
  ] as const) {
    assert.equal(canonicalHost(written), canonical);
  }
});

test("an address needs no name service, and is found as it was before", () => {
  const targets = new Targets(4);
  const found = targets.find("udp://10.0.0.1:7");
  assert.deepEqual({ ...found }, { host: "10.0.0.1", port: 7 });
  assert.equal(targets.find("udp://10.0.0.1:7"), found);
  for (let port = 1; port <= 1_100; port += 1) targets.find(`udp://10.0.0.2:${port}`);
  // Forgotten meanwhile, so that the memory stays bounded, and found anew.
  assert.notEqual(targets.find("udp://10.0.0.1:7"), found);
});

test("a socket of both families writes an IPv4 address as IPv6 does", () => {
  const targets = new Targets("both");
  assert.deepEqual(targets.find("udp://10.0.0.1:7"), { host: "::ffff:10.0.0.1", port: 7 });
  assert.deepEqual(targets.find("udp://[::1]:7"), { host: "::1", port: 7 });
});

test("a name that is asked for twice at once is looked up once", async () => {
  const targets = new Targets(4);
  const first = targets.find("udp://localhost:7");
  assert.equal(targets.find("udp://localhost:7"), first);
  assert.deepEqual(await first, { host: "127.0.0.1", port: 7 });
});
