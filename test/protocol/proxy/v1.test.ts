import assert from "node:assert/strict";
import { test } from "node:test";
import { readV1, writeV1 } from "../../../src/protocol/proxy/v1.js";
import { latin1, readEveryWay } from "./headers.js";

const long = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";

test("a line says who the client is, or that nobody knows", () => {
  const lines: [line: string, source: unknown][] = [
    ["PROXY TCP4 192.0.2.7 198.51.100.1 4660 80", { host: "192.0.2.7", port: 4660 }],
    ["PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535", { host: "255.255.255.255", port: 65535 }],
    ["PROXY TCP4 0.0.0.0 0.0.0.0 0 0", { host: "0.0.0.0", port: 0 }],
    ["PROXY TCP6 2001:DB8::7 2001:db8::1 4660 80", { host: "2001:db8::7", port: 4660 }],
    [`PROXY TCP6 ${long} ${long} 65535 65535`, { host: long, port: 65535 }],
    ["PROXY TCP6 ::ffff:192.0.2.7 ::1 1 2", { host: "192.0.2.7", port: 1 }],
    ["PROXY UNKNOWN", undefined],
    ["PROXY UNKNOWN ", undefined],
    ["PROXY UNKNOWN whatever \r stands here", undefined],
    [`PROXY UNKNOWN ${long} ${long} 65535 65535`, undefined],
  ];
  for (const [line, source] of lines) {
    const headerBytes = line.length + 2;
    assert.deepEqual(readEveryWay(latin1(`${line}\r\n`)), { headerBytes, source }, line);
  }
});

test("the longest line that may be is taken, and not a byte more", () => {
  const junk = (size: number) => latin1(`PROXY UNKNOWN ${"x".repeat(size)}\r\n`);
  assert.equal(readV1(junk(91))?.headerBytes, 107);
  assert.throws(() => readV1(junk(92)), {
    code: "ERR_INVALID_BYTES",
    message: /its line has more than 107 bytes/,
  });
  assert.equal(readV1(latin1("PROXY UNKNOWN ".padEnd(106, "x"))), undefined);
  assert.throws(() => readV1(latin1("PROXY UNKNOWN ".padEnd(107, "x"))), /more than 107/);
});

test("whatever is not exactly such a line is none", () => {
  const hostile = [
    "PROXX TCP4 1.2.3.4 1.2.3.4 1 2\r\n",
    "PROXY\r\n",
    "PROXY \r\n",
    "PROXY  TCP4 1.2.3.4 1.2.3.4 1 2\r\n",
    "PROXY TCP4\r\n",
    "PROXY TCP4 1.2.3.4\r\n",
    "PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n",
    "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n",
    "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n",
    "PROXY TCP4 1.2.3.4  1.2.3.4 1 2\r\n",
    "PROXY\tTCP4\t1.2.3.4\t1.2.3.4\t1\t2\r\n",
    "PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n",
    "PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n",
    "PROXY tcp4 1.2.3.4 1.2.3.4 1 2\r\n",
    "PROXY UNKNOWNS\r\n",
    // The wrong family.
    "PROXY TCP4 ::1 ::1 1 2\r\n",
    "PROXY TCP4 1.2.3.4 ::1 1 2\r\n",
    "PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n",
    "PROXY TCP6 ::1 1.2.3.4 1 2\r\n",
    // Not in their form.
    "PROXY TCP4 01.2.3.4 1.2.3.4 1 2\r\n",
    "PROXY TCP4 1.2.3.256 1.2.3.4 1 2\r\n",
    "PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n",
    "PROXY TCP4 0x1.2.3.4 1.2.3.4 1 2\r\n",
    "PROXY TCP4 localhost 1.2.3.4 1 2\r\n",
    "PROXY TCP6 [::1] ::1 1 2\r\n",
    "PROXY TCP6 ::1%eth0 ::1 1 2\r\n",
    "PROXY TCP6 1::2::3 ::1 1 2\r\n",
    "PROXY TCP6 12345::1 ::1 1 2\r\n",
    // Ports.
    "PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n",
    "PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n",
    "PROXY TCP4 1.2.3.4 1.2.3.4 99999999 2\r\n",
    "PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n",
    "PROXY TCP4 1.2.3.4 1.2.3.4 1 00\r\n",
    "PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n",
    "PROXY TCP4 1.2.3.4 1.2.3.4 +1 2\r\n",
    "PROXY TCP4 1.2.3.4 1.2.3.4 1e3 2\r\n",
    "PROXY TCP4 1.2.3.4 1.2.3.4 \u00b2 2\r\n",
    // Line breaks.
    "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n",
    "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\r\n",
    "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n\r\n",
    "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\0\r\n",
    "PROXY UNKNOWN\n",
    "PROXY TCP4 1.2.3.4 1.2.3.4\r1 2\r\n",
    "POST / HTTP/1.1\r\n",
  ];
  for (const line of hostile) {
    assert.throws(
      () => readEveryWay(latin1(line)),
      { code: "ERR_INVALID_BYTES", by: "remote" },
      JSON.stringify(line),
    );
  }
});

test("the line that is written says both ends, in one family", () => {
  const write = (source: string, destination: string) =>
    String.fromCharCode(
      ...writeV1({ source: { host: source, port: 4660 }, destination: { host: destination, port: 80 } }),
    );
  assert.equal(write("192.0.2.7", "198.51.100.1"), "PROXY TCP4 192.0.2.7 198.51.100.1 4660 80\r\n");
  assert.equal(write("2001:db8::7", "2001:db8::1"), "PROXY TCP6 2001:db8::7 2001:db8::1 4660 80\r\n");
  assert.equal(write("192.0.2.7", "2001:db8::1"), "PROXY TCP6 ::ffff:192.0.2.7 2001:db8::1 4660 80\r\n");
  assert.deepEqual(writeV1(undefined), latin1("PROXY UNKNOWN\r\n"));
});
