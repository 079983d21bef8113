import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Ranges } from "../../../src/core/ranges.js";
import { clientAddress, forwarded } from "../../../src/protocol/proxy/forwarded.js";

const trusted = new Ranges(["10.0.0.0/8", "2001:db8:10::/48", "unix"], "trustedProxies");
const proxy = "ws://10.0.0.1:5555";

const byForwarded = (header: string, remote = proxy) => clientAddress(remote, { forwarded: header }, trusted);
const byForwardedFor = (header: string, remote = proxy) =>
  clientAddress(remote, { "x-forwarded-for": header }, trusted);
const at = (host: string, port = 0) => ({ host, port });

test("a trusted proxy says who its client is, in either header", () => {
  assert.deepEqual(byForwarded("for=192.0.2.7"), at("192.0.2.7"));
  assert.deepEqual(byForwardedFor("192.0.2.7"), at("192.0.2.7"));
  assert.deepEqual(byForwardedFor("192.0.2.7", "unix:"), at("192.0.2.7"));
  assert.deepEqual(byForwardedFor("192.0.2.7", "wss://[2001:db8:10::5]:1"), at("192.0.2.7"));
});

test("nobody else may say so, and where nothing is said nothing is known", () => {
  assert.equal(byForwarded("for=192.0.2.7", "ws://192.0.2.9:5555"), undefined);
  assert.equal(byForwardedFor("192.0.2.7", "ws://127.0.0.1:5555"), undefined);
  assert.equal(
    clientAddress("unix:", { forwarded: "for=192.0.2.7" }, new Ranges(["10.0.0.0/8"], "t")),
    undefined,
  );
  // Not even how broken it is matters.
  assert.equal(byForwarded('for="', "ws://192.0.2.9:5555"), undefined);
  assert.equal(clientAddress(proxy, {}, trusted), undefined);
  assert.equal(byForwarded(""), undefined);
  assert.equal(byForwarded("proto=https;host=a.example"), undefined);
});

test("of many hops the first from the right that is not trusted is the client", () => {
  assert.deepEqual(byForwardedFor("203.0.113.9, 192.0.2.7, 10.0.0.3,10.0.0.2"), at("192.0.2.7"));
  assert.deepEqual(
    byForwarded('for=203.0.113.9, for=192.0.2.7;proto=http, For="10.0.0.3:81" , for="[2001:db8:10::5]:82"'),
    at("192.0.2.7"),
  );
  // All are ours: then it is the first of them.
  assert.deepEqual(byForwardedFor("10.0.0.4, 10.0.0.3"), at("10.0.0.4"));
});

test("what the client wrote itself, to the left, changes nothing", () => {
  for (const forged of ["10.0.0.9", "unknown", "", ",,,", "not an address", '"']) {
    assert.deepEqual(byForwardedFor(`${forged}, 192.0.2.7`), at("192.0.2.7"), forged);
  }
  for (const forged of ["for=10.0.0.9", "for=unknown", 'for="_x"', "proto=https", ",,"]) {
    assert.deepEqual(byForwarded(`${forged}, for=192.0.2.7`), at("192.0.2.7"), forged);
  }
});

test("a client that opens a quote does not swallow what the proxy adds", () => {
  const added = [
    "for=192.0.2.7",
    'for="192.0.2.7:80"',
    'for="[2001:db8::7]:80";proto=https',
    'by="_a";for=192.0.2.7',
  ];
  const opened = [
    'for="',
    'for="x',
    'for="\\',
    'for="x\\',
    'for=1.1.1.1;by="',
    'for="a";x="',
    'for=1.1.1.1, for="',
  ];
  for (const left of opened) {
    for (const right of added) {
      for (const comma of [",", ", "]) {
        assert.throws(
          () => byForwarded(left + comma + right),
          { code: "ERR_INVALID_BYTES" },
          left + comma + right,
        );
      }
    }
  }
});

test("names that a proxy made up, and unknown, end the way there", () => {
  assert.equal(byForwarded("for=unknown"), undefined);
  assert.equal(byForwarded("for=_hidden"), undefined);
  assert.equal(byForwardedFor("unknown"), undefined);
  assert.deepEqual(byForwarded("for=_hidden, for=10.0.0.2"), at("10.0.0.2"));
  assert.deepEqual(byForwarded("for=192.0.2.7, for=_hidden, for=10.0.0.2"), at("10.0.0.2"));
});

test("addresses come in brackets, in quotes, with ports and without, in any case", () => {
  const nodes: [written: string, client: ReturnType<typeof at> | undefined][] = [
    ["192.0.2.7:4711", at("192.0.2.7", 4711)],
    ["192.0.2.7:_port", at("192.0.2.7")],
    ["192.0.2.7:99999", at("192.0.2.7")],
    ["[2001:DB8::7]", at("2001:db8::7")],
    ["[2001:db8::7]:4711", at("2001:db8::7", 4711)],
    ["2001:db8:0:0::7", at("2001:db8::7")],
    ["::ffff:192.0.2.7", at("192.0.2.7")],
    ["[::ffff:c000:207]:1", at("192.0.2.7", 1)],
    ["[192.0.2.7]x", undefined],
    ["192.0.2.7:", undefined],
    ["192.0.2.07", undefined],
    ["[fe80::1%eth0]", undefined],
    ["[::1", undefined],
    ["localhost", undefined],
  ];
  for (const [written, client] of nodes) {
    assert.deepEqual(byForwarded(`for="${written}"`), client, written);
    assert.deepEqual(byForwarded(`FOR="${written}" ; proto=https`), client, written);
    assert.deepEqual(byForwardedFor(` ${written} `), client, written);
  }
  // As some proxies write it, and as quoting allows it.
  assert.deepEqual(byForwarded("for=[2001:db8::7]:4711"), at("2001:db8::7", 4711));
  assert.deepEqual(byForwarded('for="\\1\\92.0.2.7"'), at("192.0.2.7"));
});

test("a broken Forwarded header is refused, and so are two headers that contradict each other", () => {
  const broken = [
    "for",
    "for=",
    "=x",
    "for = 1.2.3.4",
    "for=1.2.3.4 for=1.2.3.5",
    "for=a;for=b",
    'for="a"b',
    "for=1.2.3.4\u00e9",
  ];
  for (const header of broken) {
    assert.throws(
      () => byForwarded(header),
      { code: "ERR_INVALID_BYTES", by: "remote", message: /is broken/ },
      header,
    );
  }
  const both = (header: string, other: string) =>
    clientAddress(proxy, { forwarded: header, "x-forwarded-for": other }, trusted);
  assert.deepEqual(both('for="192.0.2.7:80"', "203.0.113.1, 192.0.2.7"), at("192.0.2.7", 80));
  for (const [header, other] of [
    ["for=192.0.2.8", "192.0.2.7"],
    ["for=unknown", "192.0.2.7"],
    ["for=192.0.2.7", "unknown"],
  ] as const) {
    assert.throws(() => both(header, other), {
      message: /name different clients; have the proxy remove the one/,
    });
  }
});

test("what is said on behalf of others is read as it was meant", () => {
  assert.equal(
    forwarded({ for: "wss://[2001:db8::7%eth0]:4711", proto: "https", host: "a.example:8443" }),
    'for="[2001:db8::7]:4711";proto=https;host="a.example:8443"',
  );
  assert.equal(forwarded({ for: "tcp://192.0.2.7:4711" }), 'for="192.0.2.7:4711"');
  assert.equal(forwarded({ for: "unix:" }), "for=unknown");
  assert.equal(forwarded({ for: "memory:dialer-1", host: 'a"b\\c' }), 'for=unknown;host="a\\"b\\\\c"');
  for (const host of ["a\r\nb", "\u00fc", ""]) {
    assert.throws(() => forwarded({ for: "unix:", host }), {
      name: "UsageError",
      message: /no place in a header/,
    });
  }
  const address = fc.oneof(
    fc.ipV4(),
    fc.ipV6().map((text) => `[${text}]`),
  );
  fc.assert(
    fc.property(address, fc.nat(0xffff), fc.string(), (host, port, forged) => {
      const header = forwarded({ for: `tcp://${host}:${port}`, proto: "https" });
      const expected = byForwarded(header);
      assert.equal(expected?.port, port);
      // Whatever stands to the left of it, an untrusted client is found or the header is refused.
      let client: ReturnType<typeof byForwarded>;
      try {
        client = byForwarded(`${forged}, ${header}`);
      } catch {
        return;
      }
      if (!trusted.has(expected.host)) assert.deepEqual(client, expected);
    }),
    { numRuns: 500 },
  );
});
