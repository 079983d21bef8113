// WebSocket servers behind proxies: whom they name and count, and whom they do not believe.

import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import type net from "node:net";
import { test } from "node:test";
import { connect, forwarded, type ListenOptions, serve, text } from "../../../src/index.js";

type Options = Pick<ListenOptions, "trustedProxies" | "proxyProtocol" | "connectionsPerAddressMax">;
type Headers = { readonly [name: string]: string };

/** Tells each client who it is, at a port of its own or at a path of a server that is there; and keeps it. */
async function telling(isAttached: boolean, options: Options) {
  const refused: (string | undefined)[] = [];
  const own = http.createServer();
  if (isAttached) await once(own.listen(0, "127.0.0.1"), "listening");
  const server = await serve(
    isAttached ? "ws:/who" : "ws://127.0.0.1:0/who",
    async (connection) => {
      await connection.send(`${connection.remote} at ${connection.request?.address}`);
      await connection.receive();
    },
    {
      ...options,
      server: isAttached ? own : undefined,
      encoding: text(),
      observer: ({ name, reason }) => name === "refused" && refused.push(reason),
      onError: () => {},
    },
  );
  const { port } = (own.address() ?? {}) as Partial<net.AddressInfo>;
  const endpoint = isAttached ? `ws://127.0.0.1:${port}/who` : server.endpoint;
  return {
    refused,
    server,
    dial: (headers: Headers = {}, proxyHeader?: 1 | 2) =>
      connect(endpoint, { encoding: text(), webSocket: { headers }, proxyHeader }),
    async [Symbol.asyncDispose]() {
      await server.drain({ deadlineMs: 0 });
      if (isAttached) own.close();
    },
  };
}

for (const isAttached of [false, true]) {
  const where = isAttached ? "attached to a server" : "at its own port";

  test(`${where}, a client has the name that a trusted proxy gives it, and its place`, async () => {
    const options = { trustedProxies: ["loopback"], connectionsPerAddressMax: 1 };
    await using scene = await telling(isAttached, options);
    const one = await scene.dial({ Forwarded: forwarded({ for: "tcp://192.0.2.7:4711", proto: "https" }) });
    assert.equal(await one.receive(), "ws://192.0.2.7:4711 at 192.0.2.7");
    const other = await scene.dial({ "X-Forwarded-For": "192.0.2.7, 2001:db8::7" });
    assert.equal(await other.receive(), "ws://[2001:db8::7]:0 at 2001:db8::7");

    await assert.rejects(scene.dial({ "X-Forwarded-For": "192.0.2.7" }), /503/);
    assert.match(scene.refused[0] ?? "", /connectionsPerAddressMax is 1, and 192\.0\.2\.7 has as many/);
    assert.deepEqual(scene.server.stats, { open: 2, accepted: isAttached ? 2 : 3, refused: 1 });

    await one.close();
    while (scene.server.stats.open > 1) await new Promise((resolve) => setImmediate(resolve));
    await using again = await scene.dial({ "X-Forwarded-For": "192.0.2.7" });
    assert.equal(await again.receive(), "ws://192.0.2.7:0 at 192.0.2.7");
    await other.close();
  });

  test(`${where}, nobody is believed who is not trusted, and a proxy that says nothing is itself`, async () => {
    for (const options of [{}, { trustedProxies: ["10.0.0.0/8"] }]) {
      await using scene = await telling(isAttached, options);
      await using client = await scene.dial({ "X-Forwarded-For": "192.0.2.7", Forwarded: "for=192.0.2.8" });
      assert.match(String(await client.receive()), /^ws:\/\/127\.0\.0\.1:\d+ at 127\.0\.0\.1$/);
    }
    await using scene = await telling(isAttached, { trustedProxies: ["loopback"] });
    await using client = await scene.dial();
    assert.match(String(await client.receive()), /^ws:\/\/127\.0\.0\.1:\d+ at 127\.0\.0\.1$/);
  });

  test(`${where}, headers that are broken or contradict each other are refused`, async () => {
    await using scene = await telling(isAttached, { trustedProxies: ["loopback"] });
    await assert.rejects(scene.dial({ Forwarded: 'for="' }), /400/);
    await assert.rejects(scene.dial({ Forwarded: "for=192.0.2.7", "X-Forwarded-For": "192.0.2.8" }), /400/);
    assert.equal(scene.server.stats.refused, 2);
    while (scene.server.stats.open > 0) await new Promise((resolve) => setImmediate(resolve));
  });
}

test("a PROXY header goes before the request, and HTTP's headers are believed on top if its client is a proxy too", async () => {
  await using scene = await telling(false, { trustedProxies: ["loopback"], proxyProtocol: true });
  for (const version of [1, 2] as const) {
    await using client = await scene.dial({}, version);
    assert.equal(await client.receive(), `${client.local} at 127.0.0.1`);
    await using behind = await scene.dial({ "X-Forwarded-For": "192.0.2.7" }, version);
    assert.equal(await behind.receive(), "ws://192.0.2.7:0 at 192.0.2.7");
  }
});
