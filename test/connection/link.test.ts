import assert from "node:assert/strict";
import { test } from "node:test";

import type { LifecycleEvent } from "../../src/core/lifecycle.js";
import { lines } from "../../src/protocol/framing/lines.js";
import { memoryPair } from "../../src/transport/memory.js";
import { connectedPair, connectionOver, turns } from "../support/connected.js";
import { ManualClock } from "../support/manual-clock.js";

test("the life of a connection is told in order, with who ended what", async () => {
  const events: string[] = [];
  const observer = ({ name, by, reason }: LifecycleEvent) => {
    events.push([name, by, reason].filter(Boolean).join(" "));
  };
  const { dialer, accepted } = memoryPair();
  const client = connectionOver(dialer, { observer });
  const server = connectionOver(accepted);
  await server.end();
  await client.receive();
  await client.close();
  assert.deepEqual(events, ["open", "half-closed remote", "half-closed local", "closed remote ended"]);
});

test("a connection on which nothing moves is cut after the allowed silence, and told as idle", async () => {
  const clock = new ManualClock();
  const { dialer, accepted } = memoryPair();
  const client = connectionOver(dialer, { framing: lines(), idleTimeoutMs: 400, clock });
  const server = connectionOver(accepted, { framing: lines() });
  for (let round = 0; round < 10; round += 1) {
    await (round % 2 === 0 ? client.send("moving") : server.send("moving"));
    await turns();
    clock.advance(300);
  }
  const receiving = client.batches().next();
  assert.equal((await receiving).value?.length, 5);
  const quiet = client.receive();
  clock.advance(500);
  await assert.rejects(quiet, { name: "TimeoutError", timeoutMs: 400 });
  const { by, reason, error } = await client.closed;
  assert.deepEqual(
    { by, reason, name: error?.name },
    { by: "network", reason: "idle", name: "TimeoutError" },
  );
  assert.equal(clock.pending, 0);
});

test("close waits for the peer's own end no longer than lingerMs, then releases the connection", async () => {
  const clock = new ManualClock();
  const { dialer, accepted } = memoryPair();
  const client = connectionOver(dialer, { framing: lines(), lingerMs: 2_000, clock });
  const server = connectionOver(accepted, { framing: lines() });
  await client.send("goodbye");
  const closing = client.close();
  assert.equal(await server.receive(), "goodbye");
  await turns();
  clock.advance(2_000);
  await closing;
  assert.deepEqual(await client.closed, { by: "local", reason: "closed; the peer did not end" });
  assert.equal(clock.pending, 0);
});

test("close that could not send everything says how much", async () => {
  const clock = new ManualClock();
  const { dialer, accepted } = memoryPair();
  const client = connectionOver(dialer, { flushMs: 3_000, clock });
  connectionOver(accepted);
  for (let count = 0; count < 5; count += 1) void client.send(new Uint8Array(200_000));
  await turns(50);
  const closing = client.close();
  await turns(50);
  clock.advance(6_000);
  await closing;
  const { by, reason, error } = await client.closed;
  assert.equal(by, "local");
  assert.match(reason, /^closed with \d{6,} bytes unsent$/);
  assert.equal(error?.name, "TimeoutError");
});

test("a loop that stops reading stops the sender, and one that goes on gets everything", async () => {
  const { client, server } = connectedPair({ receiveBufferBytes: 10_000 });
  const total = 3_000_000;
  const sending = (async () => {
    for (let sent = 0; sent < total; sent += 1_000) await client.send(new Uint8Array(1_000));
    await client.end();
  })();
  await turns(100);
  const { unreadBytes } = server.stats;
  assert.ok(unreadBytes >= 10_000 && unreadBytes <= 10_000 + 262_144, `${unreadBytes} bytes unread`);
  let received = 0;
  for await (const chunk of server) received += chunk.length;
  await sending;
  assert.equal(received, total);
});

test("a frame larger than the receive buffer is still read whole", async () => {
  const { client, server } = connectedPair({
    framing: lines(),
    receiveBufferBytes: 1_000,
    readBytesMax: 512,
  });
  const line = "x".repeat(100_000);
  void client.send(line);
  await turns(20);
  assert.equal(await server.receive(), line);
});

test("close cuts no peer off that reads slowly, however long it takes", async () => {
  const clock = new ManualClock();
  const { dialer, accepted } = memoryPair();
  const client = connectionOver(dialer, { flushMs: 1_000, lingerMs: 1_000, clock });
  const server = connectionOver(accepted, { receiveBufferBytes: 1, readBytesMax: 65_536 });
  for (let count = 0; count < 10; count += 1) void client.send(new Uint8Array(50_000));
  const closing = client.close();
  let received = 0;
  for await (const chunk of server) {
    received += chunk.length;
    await turns();
    clock.advance(400);
  }
  await server.close();
  await closing;
  assert.equal(received, 500_000);
  assert.equal((await client.closed).reason, "ended");
});

test("what the peer ended in order stays an end, though our sends fail later", async () => {
  const { dialer, accepted } = memoryPair();
  const client = connectionOver(dialer, { framing: lines() });
  const server = connectionOver(accepted);
  await server.send(new TextEncoder().encode("whole\nunterminated"));
  await server.end();
  assert.equal(await client.receive(), "whole");
  await turns();
  server.abort();
  const { reason } = await client.closed;
  assert.equal(reason, "the peer reset the connection");
  await assert.rejects(client.send("too late"), { code: "ERR_CONNECTION_RESET" });
  assert.equal(await client.receive(), "unterminated");
  assert.equal(await client.receive(), undefined);
});

test("while our own reader is behind, a silent connection is not idle", async () => {
  const clock = new ManualClock();
  const { dialer, accepted } = memoryPair();
  const client = connectionOver(dialer);
  const server = connectionOver(accepted, { idleTimeoutMs: 400, receiveBufferBytes: 1_000, clock });
  void client.send(new Uint8Array(500_000));
  await turns();
  clock.advance(10_000);
  let received = 0;
  while (received < 500_000) received += (await server.receive())?.length ?? 0;
  clock.advance(1_000);
  assert.equal((await server.closed).reason, "idle");
});

test("whoever asks for the end only afterwards is told the same", async () => {
  const { client, server } = connectedPair({ framing: lines() });
  const asked = client.closed;
  client.abort("enough");
  await turns();
  assert.equal(await client.closed, await asked);
  assert.deepEqual((await server.closed).by, "remote");
});
