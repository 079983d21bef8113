// What the campaign has found once, each as a story of its own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openSession } from "../../src/session/on-node.js";
import type { SessionOptions } from "../../src/session/options.js";
import { serveSessions } from "../../src/session/serve-sessions.js";
import type { Session } from "../../src/session/session.js";
import { simulate, type World } from "../../src/testing/simulate.js";

async function pair(world: World, client: SessionOptions = {}, server: SessionOptions = {}) {
  let accept: (session: Session) => void = () => {};
  const accepted = new Promise<Session>((resolve) => {
    accept = resolve;
  });
  await serveSessions(
    "memory:server",
    async (session) => {
      accept(session);
      await session.closed;
    },
    { ...world.options, ...server },
  );
  const opened = await openSession("memory:server", { ...world.options, ...client });
  return { client: opened, server: await accepted };
}

test("a stream whose beginning the outbox could never hold is refused, and holds up nobody", async () => {
  await simulate({}, async (world) => {
    const limits = {
      messageBytesMax: 64,
      openBytesMax: 64,
      streamCreditBytes: 64,
      mainCreditBytes: 64,
      outboxBytesMax: 128,
    };
    const { client, server } = await pair(world, { limits });
    await assert.rejects(client.open("too much", { message: new Uint8Array(128) }), {
      code: "ERR_LIMIT",
      limit: "outboxBytesMax",
    });
    await client.send(new Uint8Array(128));
    assert.equal((await server.receive())?.length, 128);
    assert.equal(client.stats.streams, 0);
    await client.close();
  });
});

test("a stream takes nothing more behind the peer's CLOSE", async () => {
  await simulate({ latencyMs: 10 }, async (world) => {
    const { client, server } = await pair(world);
    const stream = await client.open("s");
    await world.sleep(100);
    const closing = server.close();
    while (client.state.name !== "draining") await world.sleep(1);
    await assert.rejects(stream.send(new Uint8Array(1)), { code: "ERR_CLOSED" });
    await assert.rejects(stream.end(), { code: "ERR_CLOSED" });
    await assert.rejects(client.open("late"), { code: "ERR_CLOSED" });
    await closing;
    assert.equal((await client.closed).error, undefined);
  });
});

test("what is due while a write is held waits for the link, and not in a circle", async () => {
  await simulate({ sendBufferBytes: 1_000, receiveBufferBytes: 1_000 }, async (world) => {
    const { client, server } = await pair(world);
    for (const cable of world.cables) cable.hold("dialer");
    await client.send(new Uint8Array(100_000));
    await server.send(new Uint8Array(10));
    // The client owes an ACK, which cannot be written for seconds.
    await world.sleep(5_000);
    for (const cable of world.cables) cable.heal();
    assert.equal((await server.receive())?.length, 100_000);
    await server.flush();
  });
});

test("a credit that is needless as its stream ends leaves nothing to write", async () => {
  await simulate({}, async (world) => {
    const { client, server } = await pair(world);
    const stream = await client.open("s");
    const { value: theirs } = await server.streams().next();
    assert.ok(theirs);
    await stream.send(new Uint8Array(200_000));
    await theirs.receive();
    // In the same turn: a credit that is urgent, and an abort that makes it needless.
    theirs.abort();
    await world.sleep(1_000);
    assert.equal(server.stats.streams + client.stats.streams, 0);
    assert.equal(client.stats.links, 1);
  });
});

test("who aborts a session reads nothing more of it", async () => {
  await simulate({ latencyMs: 50 }, async (world) => {
    const { client, server } = await pair(world);
    const sending = (async () => {
      for (let sent = 0; sent < 100; sent += 1) {
        await server.send(Uint8Array.of(sent));
        await world.sleep(1);
      }
    })();
    sending.catch(() => {});
    await client.receive();
    await world.sleep(20);
    client.abort();
    // More is on its way; it would come out behind a gap.
    await world.sleep(200);
    await assert.rejects(client.receive(), { code: "ERR_CLOSED" });
  });
});

test("a session that is gone before all has come was not closed in order", async () => {
  await simulate({ latencyMs: 1, bytesPerMs: 100 }, async (world) => {
    const { client, server } = await pair(world, {}, { drainMs: 20_000 });
    // CLOSE overtakes what is in the outbox: the client hears it, answers, and then nothing more comes.
    await world.sleep(100);
    for (let sent = 0; sent < 10; sent += 1) await server.send(new Uint8Array(50_000));
    void server.close();
    while (client.state.name !== "draining") await world.sleep(1);
    for (const cable of world.cables) cable.reset();
    world.cables.dials("lost");
    await server.closed;
    world.cables.dials("answered");
    const { error } = await client.closed;
    assert.equal(error?.code, "ERR_SESSION_LOST");
    assert.equal((await server.closed).unacknowledged.messages > 0, true);
  });
});

test("whoever hears that a session was aborted ends its side of the link too", async () => {
  await simulate({}, async (world) => {
    const { client, server } = await pair(world);
    await world.sleep(1_000);
    server.abort();
    await client.closed;
    await world.sleep(1_000);
    assert.equal(world.cables.size, 0);
  });
});
