import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { suite, test } from "node:test";
import { connect } from "../../src/connection/connect.js";
import type { LifecycleEvent } from "../../src/core/lifecycle.js";
import { openSession } from "../../src/session/on-node.js";
import { serveSessions } from "../../src/session/serve-sessions.js";
import { simulate } from "../../src/testing/simulate.js";
import { dialling, endOf, Guests, opened, place, serving } from "../support/sessions.js";

suite("handlers", () => {
  test("each session has its own, whose return closes it gracefully", () =>
    simulate({}, async (world) => {
      const { server } = await serving(world, {
        handler: async (session) => {
          const word = await session.receive();
          await session.send(`${word}!`);
        },
      });
      const clients = await Promise.all([1, 2, 3].map(() => dialling(world)));
      for (const [number, client] of clients.entries()) await client.send(`client ${number}`);
      for (const [number, client] of clients.entries()) {
        assert.equal(await client.receive(), `client ${number}!`);
        assert.equal(await client.receive(), undefined);
        assert.deepEqual((await endOf(client)).by, "remote");
      }
      await world.sleep(1_000);
      assert.deepEqual([...server.sessions], []);
      assert.deepEqual(server.stats, {
        open: 0,
        accepted: 3,
        refused: 0,
        sessions: 0,
        detached: 0,
        evicted: 0,
      });
    }));

  test("one that throws aborts its session, is told to onError, and harms no other", () =>
    simulate({}, async (world) => {
      const told: unknown[] = [];
      await serving(world, {
        handler: async (session) => {
          const word = await session.receive();
          if (word === "throw") throw new Error("a mistake");
          await session.send("fine");
        },
        server: { onError: (error, session) => void told.push(error, session.state.name) },
      });
      const [good, bad] = [await dialling(world), await dialling(world)];
      await bad.send("throw");
      const end = await endOf(bad);
      assert.deepEqual([end.by, end.reason, end.code], ["remote", "a mistake", "ERR_CONNECTION_RESET"]);
      await good.send("work");
      assert.equal(await good.receive(), "fine");
      assert.deepEqual([(told[0] as Error).message, told[1]], ["a mistake", "closed"]);
      await good.close();
    }));

  test("without onError a mistake becomes a process warning, and the loss of a client does not", () =>
    simulate({}, async (world) => {
      const warnings: string[] = [];
      const onWarning = ({ message }: Error) => void warnings.push(message);
      process.on("warning", onWarning);
      await serving(world, {
        handler: async (session) => {
          await session.receive();
          throw new Error("a mistake nobody caught");
        },
      });
      const [lost, bad] = [await dialling(world), await dialling(world)];
      lost.abort();
      await bad.send("x");
      await bad.closed;
      await world.sleep(1_000);
      process.off("warning", onWarning);
      assert.equal(warnings.length, 1);
      assert.match(String(warnings[0]), /handler of a session at memory:hub failed.*pass onError/);
    }));
});

suite("a drain", () => {
  test("aborts the handlers' signal, tells the clients, lets both finish, and leaves no unknown outcome", () =>
    simulate({}, async (world) => {
      const { server } = await serving(world, {
        handler: async (session, { signal }) => {
          await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
          await session.send("goodbye");
        },
      });
      const client = await dialling(world);
      const waiting = client.receive();
      await client.send("while it lasts");
      await world.sleep(100);
      const result = server.drain();
      assert.equal(await waiting, "goodbye");
      assert.deepEqual(await result, { cut: 0 });
      assert.deepEqual(await endOf(client), {
        by: "remote",
        reason: "closed",
        code: undefined,
        unacknowledged: [],
        unread: 1,
      });
      await assert.rejects(dialling(world), { code: "ERR_CONNECTION_REFUSED" });
      assert.equal(server.stats.sessions, 0);
      await world.sleep(10_000);
      assert.equal(world.clock.pending, 0, "no timer is left");
    }));

  test("still takes back clients whose links break meanwhile", () =>
    simulate({}, async (world) => {
      const { server, client, served } = await opened(world);
      const draining = server.drain({ deadlineMs: 60_000 });
      await world.sleep(100);
      await client.send("one");
      for (const cable of world.cables) cable.reset();
      await client.send("two");
      await client.flush();
      assert.equal(client.state.name, "draining");
      assert.equal(await served.receive(), "one");
      assert.equal(await served.receive(), "two");
      await client.close();
      assert.deepEqual(await draining, { cut: 0 });
    }));

  test("waits for clients that must learn how their session ended", () =>
    simulate({ latencyMs: 20 }, async (world) => {
      const { server, client, served } = await opened(world);
      const closing = served.close();
      await world.sleep(30);
      const [cable] = world.cables;
      cable?.hold("accepted");
      await closing;
      const draining = server.drain();
      await world.sleep(3_000);
      cable?.reset();
      assert.deepEqual(await draining, { cut: 0 });
      assert.deepEqual((await endOf(client)).code, undefined);
    }));

  test("aborts at its deadline what is left, which a second call brings forward", () =>
    simulate({}, async (world) => {
      const { server, client, served, guests } = await opened(world);
      const before = world.now();
      const first = server.drain({ deadlineMs: 60_000 });
      const second = server.drain({ deadlineMs: 1_000 });
      assert.deepEqual(await first, { cut: 1 });
      assert.deepEqual(await second, { cut: 1 });
      assert.equal(Math.round(world.now() - before), 1_000);
      const [ours, theirs] = [await endOf(client), await endOf(served)];
      assert.deepEqual([ours.by, ours.code], ["remote", "ERR_CONNECTION_RESET"]);
      assert.match(ours.reason, /drain deadline has passed/);
      assert.equal(theirs.by, "local");
      assert.equal(guests.drained.length, 1);
      await assert.rejects(server.drain({ deadlineMs: -1 }), { name: "UsageError" });
    }));

  test("forgets who was welcomed and never came, at its deadline", () =>
    simulate({}, async (world) => {
      const { server } = await serving(world, { server: { handshakeMs: 60_000 } });
      const plain = await connect(place, world.options);
      await world.sleep(100);
      await server.drain({ deadlineMs: 1_000 });
      await assert.rejects(
        plain.receive().then((chunk) => {
          if (chunk === undefined) throw new Error("ended");
        }),
      );
      await world.sleep(3_000);
      assert.equal(world.clock.pending, 0, "no timer is left");
    }));

  test("begins with the signal, or with the end of await using", () =>
    simulate({}, async (world) => {
      const stop = new AbortController();
      const guests = new Guests();
      const { server } = await serving(world, { server: { signal: stop.signal } }, guests);
      const client = await dialling(world);
      await world.sleep(100);
      stop.abort();
      await world.sleep(100);
      assert.equal(guests.drained.length, 1);
      assert.equal(client.state.name, "draining");
      await client.close();
      await server[Symbol.asyncDispose]();
      assert.equal(getEventListeners(stop.signal, "abort").length, 0);
    }));
});

test("above the bound on links a client is told to come again, and comes", () =>
  simulate({}, async (world) => {
    const { server } = await serving(world, { server: { connectionsMax: 1 } });
    const first = await dialling(world);
    await assert.rejects(dialling(world), { code: "ERR_CONNECTION_REFUSED", message: /no place now/ });
    const second = dialling(world, { retry: { attempts: 50 } });
    await world.sleep(1_000);
    await first.close();
    await (await second).close();
    assert.ok(server.stats.refused >= 2);
  }));

test("at the bound a session's next link takes the place of its last, though nobody has missed that yet", () =>
  simulate({ latencyMs: 5 }, async (world) => {
    const { client, served, server } = await opened(world, { server: { connectionsMax: 1 } });
    const [zombie] = world.cables;
    zombie?.hold();
    client.cutLink();
    await client.send("still here");
    assert.equal(await served.receive(), "still here");
    assert.deepEqual([server.stats.refused, client.stats.links], [0, 2]);
    zombie?.heal();
  }));

test("it listens on several endpoints, and says so", () =>
  simulate({}, async (world) => {
    const server = await serveSessions(
      ["memory:a", "memory:b"],
      async (session) => {
        await session.send((await session.receive()) ?? new Uint8Array(0));
      },
      world.options,
    );
    assert.deepEqual(server.endpoints, ["memory:a", "memory:b"]);
    assert.equal(server.endpoint, "memory:a");
    for (const endpoint of server.endpoints) {
      const client = await openSession(endpoint, world.options);
      await client.send(Uint8Array.of(7));
      assert.deepEqual(await client.receive(), Uint8Array.of(7));
    }
    await server.drain();
  }));

test("its life and its sessions' are events", () =>
  simulate({}, async (world) => {
    const events: LifecycleEvent[] = [];
    const observer = (event: LifecycleEvent) => void events.push(event);
    const { client } = await opened(world, { client: { observer } });
    client.cutLink();
    await world.sleep(1_000);
    await client.close();
    const own = events.filter(({ kind }) => kind === "session");
    assert.deepEqual(
      own.map(({ name }) => name),
      ["created", "open", "resuming", "resumed", "closed"],
    );
    assert.ok(own.every(({ session }) => session === client.id));
    assert.equal(own.at(-1)?.by, "local");
  }));

test("bad options are errors before anything is listened on", async () => {
  await assert.rejects(serveSessions("memory:x", undefined as never), { message: /the handler is missing/ });
  const bad = (options: object) => serveSessions("memory:bad", () => {}, options);
  await assert.rejects(bad({ sessionTtlMs: -1 }), { message: /sessionTtlMs/ });
  await assert.rejects(bad({ heartbeat: { pingAfterMs: 0 } }), { name: "UsageError" });
  await assert.rejects(bad({ limits: { messageBytesMax: 1 } }), { name: "UsageError" });
  await using server = await serveSessions("memory:bad", () => {});
  assert.equal(server.endpoint, "memory:bad");
});
