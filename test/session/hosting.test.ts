import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ClientHandshake } from "../../src/protocol/session/client-handshake.js";
import { decodeClose, encodeClose } from "../../src/protocol/session/words.js";
import { simulate, type World } from "../../src/testing/simulate.js";
import { RawClient } from "../support/raw-client.js";
import { ack, frame, text } from "../support/session-side.js";
import { dialling, endOf, opened, serving } from "../support/sessions.js";

const closed = (final: number) =>
  frame("close", { payload: encodeClose({ final, code: "closed", reason: "" }) });

suite("a new session", () => {
  test("exists once its client has said ACK, and not before", () =>
    simulate({}, async (world) => {
      const { server, guests } = await serving(world);
      const raw = await RawClient.dial(world);
      await raw.hello();
      await world.sleep(1_000);
      assert.deepEqual([guests.sessions.length, server.stats.sessions], [0, 1]);
      await raw.send(ack(0));
      await world.sleep(1_000);
      assert.deepEqual([guests.sessions.length, server.stats.sessions], [1, 1]);
    }));

  test("is forgotten without that ACK, and its client is told", () =>
    simulate({}, async (world) => {
      const { server, guests } = await serving(world);
      const raw = await RawClient.dial(world);
      await raw.hello();
      const last = (await raw.rest()).find(({ name }) => name === "close");
      assert.equal(decodeClose(last?.payload ?? text("")).code, "expired");
      assert.deepEqual([guests.sessions.length, server.stats.sessions], [0, 0]);
    }));

  test("outlives its first link until that ACK is due, which a resume stands for", () =>
    simulate({}, async (world) => {
      const { server, guests } = await serving(world);
      const raw = await RawClient.dial(world);
      const key = await raw.hello();
      raw.connection.abort();
      await world.sleep(1_000);
      assert.equal(server.stats.sessions, 1);
      const again = await RawClient.dial(world);
      assert.equal(await again.resume(key, 0), 0);
      await world.sleep(10_000);
      assert.equal(guests.sessions.length, 1);
    }));
});

suite("a resume", () => {
  test("takes over from a link that still looks alive, and nothing of the old one is heard any more", () =>
    simulate({ latencyMs: 5 }, async (world) => {
      const { client, served } = await opened(world);
      const [zombie] = world.cables;
      zombie?.hold();
      await client.send("once");
      client.cutLink();
      await client.flush();
      zombie?.heal();
      await world.sleep(60_000);
      assert.equal(await served.receive(), "once");
      assert.equal(served.stats.messagesReceived, 1);
      assert.equal(served.state.name, "open");
    }));

  test("that says it received more than was sent, or less than it had said, ends the session", () =>
    simulate({}, async (world) => {
      const { guests } = await serving(world);
      for (const received of [1, 0]) {
        const raw = await RawClient.dial(world);
        const coming = guests.next();
        const key = await raw.hello();
        await raw.send(ack(0));
        const served = await coming;
        if (received === 0) {
          await served.send("x");
          await world.sleep(100);
          await raw.send(ack(1));
          await world.sleep(100);
        }
        const again = await RawClient.dial(world);
        const outcome = await again.ask(new ClientHandshake({ resume: { key, received } }));
        assert.ok(outcome.kind === "rejected");
        assert.equal(outcome.code, "protocol");
        const end = await endOf(served);
        assert.deepEqual([end.by, end.code], ["remote", "ERR_INVALID_BYTES"]);
        assert.equal(end.reason, `the client cannot have received ${received}`);
      }
    }));
});

suite("without a link", () => {
  test("a session is kept for its time, from its last link", () =>
    simulate({}, async (world) => {
      const { client, served, server } = await opened(world, { server: { sessionTtlMs: 10_000 } });
      for (let round = 0; round < 3; round += 1) {
        world.cables.dials("refused");
        for (const cable of world.cables) cable.reset();
        await world.sleep(4_000);
        assert.equal(server.stats.detached, 1);
        world.cables.dials("answered");
        await world.sleep(6_000);
        assert.equal(server.stats.detached, 0);
      }
      world.cables.dials("refused");
      for (const cable of world.cables) cable.reset();
      assert.equal((await endOf(served)).code, "ERR_SESSION_EXPIRED");
      const ours = await endOf(client);
      assert.deepEqual([ours.by, ours.code], ["network", "ERR_SESSION_EXPIRED"]);
      assert.equal(server.stats.sessions, 0);
    }));

  test("there are so many and no more: the oldest of the address with most goes, and both sides learn it", () =>
    simulate({}, async (world) => {
      const { server, guests } = await serving(world, { server: { detachedSessionsMax: 2 } });
      const clients = [];
      for (let count = 0; count < 3; count += 1) clients.push(await dialling(world));
      await world.sleep(100);
      world.cables.dials("refused");
      for (const cable of world.cables) {
        cable.reset();
        await world.sleep(10);
      }
      const [oldest, ...others] = guests.sessions;
      const theirs = await oldest?.closed;
      assert.deepEqual([theirs?.by, theirs?.error?.code], ["local", "ERR_SESSION_EXPIRED"]);
      assert.match(String(theirs?.reason), /evicted/);
      assert.deepEqual([server.stats.evicted, server.stats.detached], [1, 2]);
      assert.deepEqual(
        others.map(({ state }) => state.name),
        ["resuming", "resuming"],
      );
      world.cables.dials("answered");
      const [first] = clients;
      assert.ok(first !== undefined);
      const ours = await endOf(first);
      assert.deepEqual([ours.by, ours.code], ["remote", "ERR_SESSION_LOST"]);
      assert.match(ours.reason, /does not know the session any more/);
    }));
});

suite("a session that is done", () => {
  /** Both sides are done, and the client was never told so. */
  async function forgetful(world: World) {
    const { server, guests } = await serving(world);
    const raw = await RawClient.dial(world);
    const coming = guests.next();
    const key = await raw.hello();
    await raw.send(ack(0));
    const served = await coming;
    await raw.send(frame("data", { seq: 1, payload: text("last words") }));
    await raw.send(closed(1));
    while ((await raw.frame())?.name !== "close");
    await raw.send(frame("closeAck"));
    await served.closed;
    for (const cable of world.cables) cable.reset();
    await world.sleep(100);
    return { server, served, key };
  }

  test("is resumed by a client that does not know, which hears CLOSE and CLOSE_ACK once more", () =>
    simulate({ latencyMs: 20 }, async (world) => {
      const { server, served, key } = await forgetful(world);
      assert.equal(await served.receive(), "last words");
      assert.equal(server.stats.sessions, 1);
      const again = await RawClient.dial(world);
      assert.equal(await again.resume(key, 0), 1);
      await again.send(closed(1));
      await again.send(frame("closeAck"));
      const names = (await again.rest()).map(({ name }) => name);
      assert.ok(names.includes("close") && names.includes("closeAck"), names.join());
      await again.connection.close();
      await world.sleep(3_000);
      assert.equal(server.stats.sessions, 0);
    }));

  test("is resumed again if that link breaks too, or ends early; and is forgotten after ten seconds", () =>
    simulate({ latencyMs: 20 }, async (world) => {
      const { server, key } = await forgetful(world);
      const broken = await RawClient.dial(world);
      await broken.resume(key, 0);
      broken.connection.abort();
      const ended = await RawClient.dial(world);
      await ended.resume(key, 0);
      await ended.connection.end();
      await ended.rest();
      await world.sleep(9_000);
      assert.equal(server.stats.sessions, 1);
      await world.sleep(2_000);
      assert.equal(server.stats.sessions, 0);
    }));

  test("is kept for a client that has not ended its link when the lingering is over", () =>
    simulate({ latencyMs: 20 }, async (world) => {
      const { client, served, server } = await opened(world);
      const [cable] = world.cables;
      await client.send("x");
      await client.flush();
      const closing = served.close();
      await world.sleep(30);
      cable?.hold("accepted"); // the server's last words are lost
      await closing;
      await world.sleep(4_000);
      assert.equal(server.stats.sessions, 1);
      cable?.reset();
      const end = await endOf(client);
      assert.deepEqual([end.by, end.code], ["remote", undefined]);
      await world.sleep(4_000);
      assert.equal(server.stats.sessions, 0);
    }));
});
