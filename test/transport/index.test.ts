// Which scheme leads to which transport, and what those hear that ask for streams where there are none.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseEndpoint } from "../../src/core/endpoint.js";
import { streamTransport } from "../../src/transport/index.js";
import { MemoryNetwork, memory } from "../../src/transport/memory.js";
import { tcp } from "../../src/transport/tcp.js";
import { unix } from "../../src/transport/unix.js";

test("each scheme has its transport", () => {
  assert.equal(streamTransport(parseEndpoint("tcp://127.0.0.1:1"), "connect"), tcp);
  assert.equal(streamTransport(parseEndpoint("127.0.0.1:1"), "connect"), tcp);
  assert.equal(streamTransport(parseEndpoint("unix:/tmp/socket"), "connect"), unix);
  assert.equal(streamTransport(parseEndpoint("memory:name"), "connect"), memory);
});

test("a network of one's own carries memory: alone", () => {
  const network = new MemoryNetwork();
  assert.equal(streamTransport(parseEndpoint("memory:name"), "connect", network), network);
  assert.equal(streamTransport(parseEndpoint("unix:/tmp/socket"), "connect", network), unix);
});

test("a scheme without streams, or not built yet, says what to use", () => {
  for (const [endpoint, op, message] of [
    [
      "udp://127.0.0.1:1",
      "connect",
      "connect udp://127.0.0.1:1: UDP carries datagrams, not streams; use bind()",
    ],
    [
      "wss://example.test/x",
      "listen",
      "listen wss://example.test:443/x: wss:// is not built yet; use tcp://, tls://, unix: or memory: in this version",
    ],
  ] as const) {
    assert.throws(() => streamTransport(parseEndpoint(endpoint), op), { name: "UsageError", message });
  }
});
