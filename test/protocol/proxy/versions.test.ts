import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addressBytes, addressText } from "../../../src/core/address.js";
import { limits } from "../../../src/core/limits.js";
import { readProxyHeader, writeProxyHeader } from "../../../src/protocol/proxy/versions.js";
import { latin1, readEveryWay } from "./headers.js";

const version = fc.constantFrom(1 as const, 2 as const);
const address = fc.record({ host: fc.oneof(fc.ipV4(), fc.ipV6()), port: fc.nat(0xffff) });

test("what one side writes, the other reads, however it comes", () => {
  fc.assert(
    fc.property(version, address, address, (which, source, destination) => {
      const header = writeProxyHeader(which, { source, destination });
      const host = addressText(addressBytes(source.host) ?? assert.fail());
      assert.deepEqual(readEveryWay(header), {
        headerBytes: header.length,
        source: { host, port: source.port },
      });
    }),
  );
  for (const which of [1, 2] as const) {
    const header = writeProxyHeader(which, undefined);
    assert.deepEqual(readEveryWay(header), { headerBytes: header.length, source: undefined });
  }
});

test("other bytes are refused at once, whatever protocol they are of", () => {
  const others = [
    "GET / HTTP/1.1\r\n",
    "\x16\x03\x01\x02\x00\x01",
    "hello\n",
    "\0",
    "proxy TCP4",
    "PRI * HTTP/2.0",
    "\r\n\r\nGET",
  ];
  for (const text of others) {
    assert.throws(
      () => readEveryWay(latin1(text)),
      { code: "ERR_INVALID_BYTES", message: /^no PROXY header: / },
      text,
    );
  }
});

test("no bytes make the reader fail in another way, or read beyond the bound", () => {
  const header = fc
    .tuple(version, address, address)
    .map(([which, source, destination]) => [...writeProxyHeader(which, { source, destination })]);
  const change = fc.record({ at: fc.nat(60), byte: fc.nat(255), isCut: fc.boolean() });
  fc.assert(
    fc.property(
      header,
      fc.array(change, { maxLength: 4 }),
      fc.uint8Array({ maxLength: 300 }),
      (bytes, changes, more) => {
        for (const { at, byte, isCut } of changes) bytes.splice(at, isCut ? 2 : 1, byte);
        const input = Uint8Array.of(...bytes, ...more);
        let outcome: ReturnType<typeof readProxyHeader>;
        try {
          outcome = readProxyHeader(input);
        } catch (error) {
          assert.equal((error as { code?: unknown }).code, "ERR_INVALID_BYTES");
          return;
        }
        if (outcome === undefined) return;
        assert.ok(outcome.headerBytes <= Math.min(input.length, limits.proxyHeaderBytesMax));
        // Never more than it says.
        assert.deepEqual(readProxyHeader(input.subarray(0, outcome.headerBytes)), outcome);
      },
    ),
    { numRuns: 2_000 },
  );
});
