import assert from "node:assert/strict";
import { test } from "node:test";
import { limits } from "../../../src/core/limits.js";
import { crc32c } from "../../../src/protocol/proxy/crc32c.js";
import { readV2, writeV2 } from "../../../src/protocol/proxy/v2.js";
import { ipv4Route, readEveryWay, signature, v2 } from "./headers.js";

const ipv6Route = [
  ...[0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7],
  ...[0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
  ...[0x12, 0x34, 0, 80],
];
const mappedRoute = [...[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7], ...ipv6Route.slice(16)];
const unixRoute = Array<number>(216).fill(0x2f);

test("a block says who the client is, or that the proxy speaks for itself", () => {
  const headers: [name: string, header: Uint8Array, source: unknown][] = [
    ["TCP over IPv4", v2(0x21, 0x11, ipv4Route), { host: "192.0.2.7", port: 0x1234 }],
    ["TCP over IPv6", v2(0x21, 0x21, ipv6Route), { host: "2001:db8::7", port: 0x1234 }],
    ["TCP over IPv6, of an IPv4 client", v2(0x21, 0x21, mappedRoute), { host: "192.0.2.7", port: 0x1234 }],
    ["a Unix socket", v2(0x21, 0x31, unixRoute), "unix"],
    ["LOCAL", v2(0x20, 0, []), undefined],
    ["LOCAL, with addresses all the same", v2(0x20, 0x11, ipv4Route), undefined],
    ["LOCAL, of a family that nobody knows, with anything", v2(0x20, 0xff, [1, 2, 3]), undefined],
    ["unspecified", v2(0x21, 0, []), undefined],
    ["unspecified, with anything", v2(0x21, 0, [3, 0, 200]), undefined],
    ["IPv4 of no protocol", v2(0x21, 0x10, ipv4Route), undefined],
    ["a stream of no family", v2(0x21, 0x01, []), undefined],
    ["UDP, which no stream is", v2(0x21, 0x12, ipv4Route), undefined],
  ];
  for (const [name, header, source] of headers) {
    assert.deepEqual(readEveryWay(header), { headerBytes: header.length, source }, name);
  }
});

test("what stands behind the addresses is skipped", () => {
  const vectors = [0x01, 0, 2, 0x68, 0x32, 0x04, 0, 0, 0xea, 0, 1, 0xff];
  for (const [family, route] of [
    [0x11, ipv4Route],
    [0x21, ipv6Route],
    [0x31, unixRoute],
  ] as const) {
    const header = v2(0x21, family, [...route, ...vectors]);
    assert.equal(readEveryWay(header)?.headerBytes, header.length);
  }
});

test("a checksum is checked", () => {
  const checksummed = (change: number) => {
    const header = v2(0x21, 0x11, [...ipv4Route, 0x04, 0, 1, 7, 0x03, 0, 4, 0, 0, 0, 0, 0x04, 0, 0]);
    new DataView(header.buffer).setUint32(35, crc32c(header) ^ change);
    return header;
  };
  assert.deepEqual(readEveryWay(checksummed(0))?.source, { host: "192.0.2.7", port: 0x1234 });
  assert.throws(() => readEveryWay(checksummed(1)), {
    code: "ERR_INVALID_BYTES",
    message: /its checksum is wrong/,
  });
  assert.throws(
    () => readEveryWay(v2(0x21, 0x11, [...ipv4Route, 0x03, 0, 3, 0, 0, 0])),
    /checksum has not four bytes/,
  );
});

test("whatever is not exactly such a block is none", () => {
  const hostile: [name: string, header: Uint8Array, message: RegExp][] = [
    ["another signature", Uint8Array.of(...signature.slice(0, 11), 0x0b), /signature/],
    ["an empty line, as some clients begin", Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x47), /signature/],
    ["version 1", v2(0x11, 0x11, ipv4Route), /version and command are 0x11/],
    ["version 3", v2(0x31, 0x11, ipv4Route), /version and command/],
    ["command 2", v2(0x22, 0x11, ipv4Route), /version and command/],
    ["family 4", v2(0x21, 0x41, ipv4Route), /no such family/],
    ["protocol 3", v2(0x21, 0x13, ipv4Route), /no such family or protocol/],
    ["too short for IPv4", v2(0x21, 0x11, ipv4Route.slice(1)), /too short for IPv4/],
    ["too short for IPv6", v2(0x21, 0x21, ipv4Route), /too short for IPv6/],
    ["too short for Unix", v2(0x21, 0x31, unixRoute.slice(1)), /too short for Unix/],
    ["no addresses at all", v2(0x21, 0x11, []), /too short/],
    ["half a vector", v2(0x21, 0x11, [...ipv4Route, 0x04]), /longer than the header/],
    ["half a vector's length", v2(0x21, 0x11, [...ipv4Route, 0x04, 0]), /longer than the header/],
    ["a vector beyond the end", v2(0x21, 0x11, [...ipv4Route, 0x04, 0, 2, 0]), /longer than the header/],
    ["a vector far beyond it", v2(0x21, 0x11, [...ipv4Route, 0x04, 0xff, 0xff]), /longer than the header/],
    ["64 KiB", v2(0x21, 0x11, ipv4Route, 0xffff - ipv4Route.length), /has 65551 bytes, and 4096 are taken/],
    ["64 KiB of LOCAL", v2(0x20, 0, [], 0xffff), /has 65551 bytes/],
  ];
  for (const [name, header, message] of hostile) {
    assert.throws(() => readEveryWay(header), { code: "ERR_INVALID_BYTES", by: "remote", message }, name);
  }
});

test("a length that promises more is waited for, up to the bound", () => {
  assert.equal(readV2(v2(0x21, 0x11, ipv4Route, 1)), undefined);
  const padding = limits.proxyHeaderBytesMax - 16 - ipv4Route.length - 3;
  const header = v2(0x21, 0x11, [
    ...ipv4Route,
    0x04,
    padding >> 8,
    padding & 0xff,
    ...Array<number>(padding).fill(0),
  ]);
  assert.equal(readV2(header)?.headerBytes, limits.proxyHeaderBytesMax);
});

test("the block that is written says both ends, in one family", () => {
  const write = (source: string, destination: string) =>
    writeV2({ source: { host: source, port: 0x1234 }, destination: { host: destination, port: 80 } });
  assert.deepEqual(write("192.0.2.7", "198.51.100.1"), v2(0x21, 0x11, ipv4Route));
  assert.deepEqual(write("2001:db8::7", "2001:db8::1"), v2(0x21, 0x21, ipv6Route));
  assert.deepEqual(write("192.0.2.7", "2001:db8::1"), v2(0x21, 0x21, mappedRoute));
  assert.deepEqual(writeV2(undefined), v2(0x20, 0, []));
});
