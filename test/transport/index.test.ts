// Which scheme leads to which transport, and what those hear that ask for streams where there are none.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
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

test("a scheme without streams says what to use", () => {
  assert.throws(() => streamTransport(parseEndpoint("udp://127.0.0.1:1"), "connect"), {
    name: "UsageError",
    message: "connect udp://127.0.0.1:1: UDP carries datagrams, not streams; use bind()",
  });
});

test("what WebSocket needs is loaded when it is used, and not before", () => {
  const program = `
    import { createRequire } from "node:module";
    const { connect } = await import(${JSON.stringify(new URL("../../src/connection/connect.js", import.meta.url).href)});
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).length + process.moduleLoadList.filter((name) => name === "NativeModule http").length;
    const before = loaded();
    await connect("ws://127.0.0.1:1/").catch(() => {});
    console.log(before, loaded() > before);`;
  const args = ["--input-type=module", "-e", program];
  assert.equal(execFileSync(process.execPath, args, { encoding: "utf8" }), "0 true\n");
});
