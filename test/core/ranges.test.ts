import assert from "node:assert/strict";
import net from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { addressBytes, addressText } from "../../src/core/address.js";
import { Ranges } from "../../src/core/ranges.js";

const ranges = (...written: string[]) => new Ranges(written, "trustedProxies");

test("an address is in a range by its first bits", () => {
  const some = ranges("10.0.0.0/8", "192.0.2.7", "172.16.0.0/12", "2001:db8::/33", "fe80::1");
  for (const inside of [
    "10.1.2.3",
    "192.0.2.7",
    "172.31.255.255",
    "2001:db8:7fff::",
    "fe80::1",
    "fe80::1%eth0",
  ]) {
    assert.equal(some.has(inside), true, inside);
  }
  for (const outside of [
    "11.0.0.0",
    "192.0.2.8",
    "172.32.0.0",
    "2001:db8:8000::",
    "fe80::2",
    "::1",
    "localhost",
    "",
  ]) {
    assert.equal(some.has(outside), false, outside);
  }
});

test("the two families stay apart, and an IPv4-mapped address is an IPv4 one on either side", () => {
  assert.equal(ranges("0.0.0.0/0").has("2001:db8::1"), false);
  assert.equal(ranges("0.0.0.0/0").has("::ffff:192.0.2.7"), true);
  assert.equal(ranges("::/0").has("192.0.2.7"), false);
  assert.equal(ranges("::/0").has("::ffff:192.0.2.7"), false);
  assert.equal(ranges("::/0").has("2001:db8::1"), true);
  assert.equal(ranges("::ffff:10.0.0.0/104").has("10.9.9.9"), true);
  assert.equal(ranges("::ffff:10.0.0.0/104").has("11.9.9.9"), false);
  assert.equal(ranges("::ffff:10.0.0.1").has("10.0.0.1"), true);
});

test("a few ranges have names, and Unix sockets are one of them", () => {
  const named = ranges("loopback", "private");
  for (const inside of ["127.8.9.1", "::1", "10.0.0.1", "172.20.0.1", "192.168.1.1", "fd00::1"]) {
    assert.equal(named.has(inside), true, inside);
  }
  for (const outside of ["8.8.8.8", "169.254.1.1", "::2", "fe80::1"])
    assert.equal(named.has(outside), false, outside);
  assert.equal(named.hasPeer("unix:"), false);
  assert.equal(ranges("unix").hasPeer("unix:"), true);
  assert.equal(ranges("unix").hasPeer("tcp://127.0.0.1:1"), false);
});

test("peers are looked up as sockets name them", () => {
  const some = ranges("10.0.0.0/8", "fe80::/10");
  assert.equal(some.hasPeer("tcp://10.0.0.1:2345"), true);
  assert.equal(some.hasPeer("wss://[fe80::1%eth0]:2345"), true);
  assert.equal(some.hasPeer("tls://[2001:db8::1]:2345"), false);
  assert.equal(some.hasPeer("memory:dialer-1"), false);
});

test("what is no range is refused, and the error says what to write", () => {
  const wrong: [written: string, message: RegExp][] = [
    ["10.0.0.0/33", /"\/33" is no prefix of 10\.0\.0\.0; use 0 to 32/],
    ["2001:db8::/129", /no prefix/],
    ["::ffff:10.0.0.0/95", /use 96 to 128/],
    ["10.0.0.0/08", /no prefix/],
    ["10.0.0.0/", /no prefix/],
    ["10.0.0.0/-1", /no prefix/],
    ["10.0.0.1/8", /bits beyond its prefix; set them to zero/],
    ["2001:db8::1/32", /bits beyond its prefix/],
    ["10.0.0.0/8/8", /no range of addresses; write 192\.0\.2\.7, 10\.0\.0\.0\/8/],
    ["10.0.0.*", /no range/],
    ["fe80::1%eth0", /no range/],
    ["proxy.example", /no range/],
    ["constructor", /no range/],
    ["", /no range/],
  ];
  for (const [written, message] of wrong) {
    assert.throws(() => ranges(written), { name: "UsageError", code: "ERR_USAGE", message }, written);
  }
  assert.throws(
    () => new Ranges("loopback" as unknown as string[], "trustedProxies"),
    /trustedProxies is no list/,
  );
  assert.throws(() => ranges(7 as unknown as string), /7 is no text/);
});

test("ranges hold what Node's own block lists hold", () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6());
  fc.assert(
    fc.property(address, address, fc.nat(128), fc.boolean(), (base, stranger, wanted, isNear) => {
      // A mapped address has another family here than there.
      fc.pre(![base, stranger].some((text) => /^[0:]*:ffff:/i.test(text)));
      const bits = net.isIPv4(base) ? 32 : 128;
      const prefixBits = Math.min(wanted, bits);
      const first = addressBytes(base)?.map(
        (byte, index) => byte & ~(0xff >> Math.max(0, Math.min(8, prefixBits - 8 * index))),
      );
      const start = addressText(first ?? assert.fail());
      const other = isNear ? base : stranger;
      const family = (text: string) => (net.isIPv4(text) ? "ipv4" : "ipv6");
      fc.pre(family(start) === family(base));
      const list = new net.BlockList();
      list.addSubnet(start, prefixBits, family(start));
      const isListed = family(start) === family(other) && list.check(other, family(other));
      assert.equal(ranges(`${start}/${prefixBits}`).has(other), isListed);
      if (isNear) assert.ok(isListed);
    }),
    { numRuns: 1_000 },
  );
});
