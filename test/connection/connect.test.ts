import assert from "node:assert/strict";
import { test } from "node:test";

import { connect } from "../../src/connection/connect.js";
import { listen } from "../../src/connection/listen.js";
import { lines } from "../../src/protocol/framing/lines.js";

test("connect speaks with whoever listens, and says at once what cannot work", async () => {
  await using listener = await listen("tcp://127.0.0.1:0", { framing: lines() });
  const client = await connect(listener.endpoint, { framing: lines(), timeoutMs: 5_000 });
  const server = await listener.accept();
  assert.equal(client.remote, listener.endpoint);
  assert.equal(server?.remote, client.local);
  await client.send("hello");
  assert.equal(await server?.receive(), "hello");
  client.abort();

  for (const [endpoint, message] of [
    ["tcp://127.0.0.1", /the port is missing/],
    ["udp://127.0.0.1:1", /UDP carries datagrams.*use bind\(\)/],
    ["tcp://*:1", /\* is for listening only/],
    ["tcp://127.0.0.1:0", /port 0 is for listening only/],
  ] as const) {
    await assert.rejects(connect(endpoint), { name: "UsageError", message });
  }
  await assert.rejects(connect(listener.endpoint, { timeoutMs: -5 }), {
    name: "UsageError",
    message: /timeoutMs/,
  });
});

test("whoever asks for TLS at an endpoint in the clear is told, and not left to believe in it", async () => {
  await using listener = await listen("tcp://127.0.0.1:0");
  await assert.rejects(connect(listener.endpoint, { tls: {} }), {
    name: "UsageError",
    message: /: the option tls is given, and this endpoint is in the clear; write tls:\/\/ or wss:\/\//,
  });
});

test("a source address is an IP address, of a family that the peer has", async () => {
  await using listener = await listen("tcp://127.0.0.1:0");
  await assert.rejects(connect(listener.endpoint, { sourceAddress: "foo" }), {
    name: "UsageError",
    message: /: sourceAddress must be an IP address, got "foo"; give one of this machine's own addresses$/,
  });
  await assert.rejects(connect(listener.endpoint, { sourceAddress: "::1" }), {
    name: "UsageError",
    message: /: sourceAddress ::1 is IPv6, and the peer has no such address$/,
  });
  const client = await connect(listener.endpoint, { sourceAddress: "127.0.0.2" });
  assert.match(client.local, /^tcp:\/\/127\.0\.0\.2:/);
  client.abort();
});

test("retry finds a listener that comes late", async () => {
  let attempts = 0;
  let listening: ReturnType<typeof listen> | undefined;
  const client = await connect("memory:late", {
    retry: { attempts: 50, baseMs: 1, maxMs: 1 },
    observer: ({ name }) => {
      if (name !== "created") return;
      attempts += 1;
      if (attempts === 3) listening = listen("memory:late");
    },
  });
  assert.ok(attempts >= 3);
  client.abort();
  await (await listening)?.close();
});

test("an aborted connect rejects with the signal's own reason and leaves nothing open", async () => {
  const stop = new AbortController();
  const connecting = connect("memory:nobody", { signal: stop.signal, retry: {} });
  stop.abort(new Error("never mind"));
  await assert.rejects(connecting, { message: "never mind" });
  await assert.rejects(connect("memory:nobody", { signal: stop.signal }), { message: "never mind" });
});
