// Sessions over WebSocket: their bytes in binary messages, at a listener of their own and at a path of the user's server.

import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { WebSocket } from "ws";
import { openSession, serveSessions } from "../../src/session/index.js";

test("a session's messages cross both ways, also those longer than a WebSocket message may be", async () => {
  const limits = {
    messageBytesMax: 3_000_000,
    mainCreditBytes: 4_000_000,
    streamCreditBytes: 4_000_000,
    outboxBytesMax: 8_000_000,
  };
  await using server = await serveSessions(
    "ws://127.0.0.1:0/session",
    async (session) => {
      for await (const message of session) await session.send(message);
    },
    { limits },
  );
  await using session = await openSession(server.endpoint, { limits });
  for (const size of [0, 1, 100_000, 2_500_000]) {
    const message = new Uint8Array(size).fill(size & 0xff);
    await session.send(message);
    assert.deepEqual(await session.receive(), message, `${size} bytes`);
  }
});

test("at a path of the user's own server, and text there is refused with 1003", async () => {
  const web = http.createServer().listen(0, "127.0.0.1");
  await once(web, "listening");
  const server = await serveSessions(
    "ws:/session",
    async (session) => {
      for await (const message of session) await session.send(message);
    },
    { server: web },
  );
  const { port } = web.address() as AddressInfo;
  const session = await openSession(`ws://127.0.0.1:${port}/session`);
  await session.send(Uint8Array.of(1));
  const stranger = new WebSocket(`ws://127.0.0.1:${port}/session`);
  stranger.on("error", () => {});
  await once(stranger, "open");
  stranger.send("hello");
  const [code, reason] = (await once(stranger, "close")) as [number, Buffer];
  assert.deepEqual([code, String(reason)], [1003, "a session is binary messages, and the peer sent text"]);
  assert.deepEqual(await session.receive(), Uint8Array.of(1));
  await session.close();
  await server.drain();
  web.close();
});
