// Stories of sessions in virtual time: what a peer that stalls, dies or sleeps costs the others, and what they are told.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { SocketError } from "../../src/core/errors.js";
import { openSession } from "../../src/session/on-node.js";
import type { OpenSessionOptions, SessionOptions } from "../../src/session/options.js";
import { serveSessions } from "../../src/session/serve-sessions.js";
import type { Session } from "../../src/session/session.js";
import type { SessionStream } from "../../src/session/stream.js";
import { simulate, type World } from "../../src/testing/simulate.js";

const kilobyte = new Uint8Array(1_000);

/** A server of sessions that stay open until they are closed, and the sessions in the order in which they came. */
async function serving(world: World, options: SessionOptions = {}) {
  const sessions: Session[] = [];
  const server = await serveSessions(
    "memory:server",
    async (session) => {
      sessions.push(session);
      await session.closed;
    },
    { ...world.options, ...options },
  );
  const connect = async (more: OpenSessionOptions = {}) => {
    const client = await openSession("memory:server", { ...world.options, ...more });
    await until(world, () => sessions.some(({ id }) => id === client.id));
    const session = sessions.find(({ id }) => id === client.id);
    assert.ok(session);
    return { client, session };
  };
  return { server, connect };
}

async function until(world: World, isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await world.sleep(1);
}

/** Sends all that comes back to where it came from, until its session ends. */
async function echo(target: Pick<Session, "receive" | "send">): Promise<void> {
  try {
    for (;;) {
      const message = await target.receive();
      if (message === undefined) return;
      await target.send(message);
    }
  } catch (error) {
    if (!(error instanceof SocketError)) throw error;
  }
}

/** The 99th percentile of so many round trips, one after the other. */
async function p99(world: World, target: Pick<Session, "receive" | "send">, trips = 300): Promise<number> {
  const times: number[] = [];
  for (let trip = 0; trip < trips; trip += 1) {
    const before = world.now();
    await target.send(kilobyte);
    await target.receive();
    times.push(world.now() - before);
  }
  return times.sort((one, other) => one - other)[Math.floor(trips * 0.99)] ?? 0;
}

async function firstStream(session: Session): Promise<SessionStream> {
  const { value } = await session.streams().next();
  assert.ok(value);
  return value;
}

suite("a peer that does not read", () => {
  test("holds what its credit and the outbox say, and delays nobody", async () => {
    await simulate({ latencyMs: [5, 20] }, async (world) => {
      const { server, connect } = await serving(world);
      const stalled = await connect();
      const other = await connect();
      void echo(other.session);
      const lively = await stalled.client.open("lively");
      void echo(await firstStream(stalled.session));
      const before = [await p99(world, lively), await p99(world, other.client)] as const;

      const dead = await stalled.client.open("nobody reads this");
      for (const target of [dead, stalled.client]) {
        for (let index = 0; index < 500; index += 1) target.send(new Uint8Array(10_000)).catch(() => {});
      }
      const after = [await p99(world, lively), await p99(world, other.client)] as const;
      assert.ok(after[0] <= 2 * before[0], `${after[0]} ms, and ${before[0]} ms before`);
      assert.ok(after[1] <= 2 * before[1], `${after[1]} ms, and ${before[1]} ms before`);
      assert.equal(stalled.client.stats.unacknowledgedBytes, 0);
      assert.ok(stalled.client.stats.bytesSent < 262_144 + 1_048_576 + 2_000_000);
      stalled.client.abort();
      await Promise.all([other.client.close(), server.drain()]);
    });
  });

  test("in every stream at once, at every limit's edge, is no deadlock once they read again", async () => {
    const limits = {
      messageBytesMax: 64,
      streamCreditBytes: 64,
      mainCreditBytes: 64,
      openBytesMax: 64,
      outboxBytesMax: 128,
      streamsMax: 8,
    };
    await simulate({}, async (world) => {
      const { server, connect } = await serving(world, { limits });
      const { client, session } = await connect({ limits });
      const ends: (readonly [Pick<Session, "send" | "receive">, Pick<Session, "send" | "receive">])[] = [
        [client, session],
        [session, client],
      ];
      for (let opened = 0; opened < 8; opened += 1) {
        const [here, there] = [client, session];
        const mine = await here.open(`c${opened}`);
        const theirs = await firstStream(there);
        ends.push([mine, theirs], [theirs, mine]);
      }
      const sends = ends.flatMap(([from]) => Array.from({ length: 10 }, () => from.send(new Uint8Array(64))));
      await world.sleep(60_000);
      client.cutLink();
      await Promise.all(
        ends.map(async ([, to]) => {
          for (let read = 0; read < 10; read += 1) assert.equal((await to.receive())?.length, 64);
        }),
      );
      await Promise.all(sends);
      await Promise.all([client.close(), server.drain()]);
    });
  });
});

suite("a link that is dead", () => {
  for (const heartbeat of [undefined, { pingAfterMs: 500, deadAfterMs: 1_500 }]) {
    const deadAfterMs = heartbeat?.deadAfterMs ?? 15_000;
    test(`is noticed by both sides within ${deadAfterMs * 1.5} ms`, async () => {
      await simulate({}, async (world) => {
        const { connect } = await serving(world, { heartbeat });
        const { client, session } = await connect({ heartbeat });
        await world.sleep(world.random() * 20_000);
        const heldAt = world.now();
        for (const cable of world.cables) cable.hold();
        world.cables.dials("lost");
        await until(world, () => client.state.name === "resuming" && session.state.name === "resuming");
        assert.ok(world.now() - heldAt <= deadAfterMs * 1.5, `after ${world.now() - heldAt} ms`);
      });
    });
  }

  test("is not what a process that stalls for two seconds has", async () => {
    await simulate({ withinMs: 2 * 3_600_000 }, async (world) => {
      const heartbeat = { pingAfterMs: 500, deadAfterMs: 1_500 };
      const { connect } = await serving(world, { heartbeat });
      const fast = await connect({ heartbeat });
      const slow = await connect();
      void echo(fast.session);
      while (world.now() < 3_600_000) {
        await world.sleep(1_000 + world.random() * 4_000);
        if (world.random() < 0.3) fast.client.trySend(kilobyte);
        world.clock.jump(2_000);
      }
      assert.equal(fast.client.stats.links, 1);
      assert.equal(slow.client.stats.links, 1);
    });
  });
});

test("1,024 streams that are opened and aborted while links break leave nothing behind", async () => {
  await simulate({}, async (world) => {
    const { server, connect } = await serving(world);
    const { client, session } = await connect();
    const taking = (async () => {
      for await (const stream of session.streams()) if (world.random() < 0.5) stream.abort();
    })();
    const weather = world.weather({ everyMs: 100, lastsMs: 100, faults: ["reset", "kill", "zombie"] });
    const opened = Array.from({ length: 1_024 }, async (_, index) => {
      await world.sleep(world.random() * 5_000);
      const stream = await client.open(`${index}`, index % 2 === 0 ? { message: kilobyte } : {});
      if (world.random() < 0.5) await world.sleep(world.random() * 100);
      stream.abort();
    });
    await Promise.all(opened);
    weather.calm();
    await until(world, () => client.stats.streams === 0 && session.stats.streams === 0);
    assert.equal(client.stats.unacknowledgedBytes, 0);
    await Promise.all([client.close(), server.drain(), taking]);
    assert.equal(server.stats.sessions, 0);
  });
});

test("a sleep beyond the time to live is told, with what was under way", async () => {
  await simulate({}, async (world) => {
    const { connect } = await serving(world);
    const { client, session } = await connect();
    await client.send(Uint8Array.of(1));
    await client.flush();
    for (const cable of world.cables) cable.hold();
    await client.send(Uint8Array.of(2));
    await world.sleep(1_000);
    world.cables.dials("lost");
    world.clock.jump(10 * 120_000);
    const [atClient, atServer] = await Promise.all([client.closed, session.closed]);
    assert.equal(atClient.error?.code, "ERR_SESSION_EXPIRED");
    assert.equal(atServer.error?.code, "ERR_SESSION_EXPIRED");
    assert.deepEqual(
      atClient.unacknowledged.list().map(({ message }) => [...(message ?? [])]),
      [[2]],
    );
    assert.deepEqual(atClient.unread, { messages: 1, bytes: 64 });
    // What had arrived is still there to be read.
    assert.deepEqual([...((await session.receive()) ?? [])], [1]);
  });
});
