import assert from "node:assert/strict";
import { once } from "node:events";
import { suite, test } from "node:test";
import { text } from "../../src/protocol/encoding/text.js";
import type { KeptSession } from "../../src/session/keep-session.js";
import { keepSessionFrom } from "../../src/session/keep-session.js";
import { node } from "../../src/session/on-node.js";
import type { OpenSessionOptions } from "../../src/session/options.js";
import type { SessionHandler } from "../../src/session/serve-sessions.js";
import { simulate, type World } from "../../src/testing/simulate.js";
import { Alarm } from "../support/alarm.js";
import { Guests, place, serving } from "../support/sessions.js";

const keeping = (world: World, options: OpenSessionOptions<string> = {}, alarm = new Alarm()) =>
  keepSessionFrom({ ...node, wakes: alarm.wakes }, place, { encoding: text(), ...world.options, ...options });

async function nextOf(kept: AsyncIterator<KeptSession<string>>): Promise<KeptSession<string>> {
  const { value, done } = await kept.next();
  assert.ok(done !== true, "there is no next one");
  return value;
}

suite("when a session is lost", () => {
  test("the next one follows, and says what became of the one before", () =>
    simulate({}, async (world) => {
      await serving(world);
      const kept = keeping(world);
      const first = await nextOf(kept);
      assert.equal(first.previous, undefined);
      world.crash(place);
      await first.session.send("lost?");
      const { guests } = await serving(world);
      const coming = guests.next();
      const second = await nextOf(kept);
      assert.equal((second.previous?.error as { code?: string } | undefined)?.code, "ERR_SESSION_LOST");
      assert.deepEqual(second.previous?.unacknowledged.list(), [{ stream: undefined, message: "lost?" }]);
      await second.session.send("here I am");
      assert.equal(await (await coming).receive(), "here I am");
      await second.session.close();
    }));

  test("by expiry, the next one is waited for as long as it takes", () =>
    simulate({ withinMs: 8 * 3_600_000 }, async (world) => {
      await serving(world, { server: { sessionTtlMs: 10_000 } });
      const kept = keeping(world);
      await nextOf(kept);
      world.crash(place);
      const coming = nextOf(kept);
      await world.sleep(2 * 3_600_000);
      await serving(world);
      const { session, previous } = await coming;
      assert.equal((previous?.error as { code?: string } | undefined)?.code, "ERR_SESSION_EXPIRED");
      await session.close();
    }));

  test("by a server that drains, in order, the next one follows too", () =>
    simulate({}, async (world) => {
      const untilDrained: SessionHandler<string, string> = async (_, { signal }) => {
        if (!signal.aborted) await once(signal, "abort");
      };
      const { server } = await serving(world, { handler: untilDrained });
      const kept = keeping(world);
      await nextOf(kept);
      await server.drain();
      await serving(world);
      const { session, previous } = await nextOf(kept);
      assert.deepEqual([previous?.by, previous?.error], ["remote", undefined]);
      await session.close();
    }));

  test("again and again at once, the server is spared: pauses grow", () =>
    simulate({ latencyMs: 1 }, async (world) => {
      await serving(world, { handler: (session) => session.close() });
      const kept = keeping(world, { retry: { baseMs: 100, maxMs: 5_000, random: () => 1 } });
      for (let count = 0; count < 6; count += 1) await nextOf(kept);
      assert.ok(world.now() > 100 + 200 + 400 + 800 + 1_600, `${world.now()} ms`);
      await kept.return();
    }));

  test("a wake ends the pause before the next attempt", () =>
    simulate({ latencyMs: 1 }, async (world) => {
      const alarm = new Alarm();
      const { server } = await serving(world);
      const kept = keeping(world, { retry: { baseMs: 600_000, maxMs: 600_000, random: () => 1 } }, alarm);
      await nextOf(kept);
      await server.drain();
      await serving(world);
      const coming = nextOf(kept);
      await world.sleep(100);
      const before = world.now();
      alarm.ring();
      await coming;
      assert.ok(world.now() - before < 1_000);
      await kept.return();
      await world.sleep(100);
      assert.equal(alarm.sleepers, 0);
    }));
});

suite("it ends", () => {
  test("when the session is closed or aborted here", () =>
    simulate({}, async (world) => {
      await serving(world);
      for (const end of ["close", "abort"] as const) {
        const kept = keeping(world);
        const { session } = await nextOf(kept);
        void session[end]();
        assert.deepEqual(await kept.next(), { value: undefined, done: true });
      }
    }));

  test("when the loop is left, which closes the session", () =>
    simulate({}, async (world) => {
      const { guests } = await serving(world);
      const coming = guests.next();
      for await (const { session } of keeping(world)) {
        await session.send("bye");
        break;
      }
      const served = await coming;
      assert.equal(await served.receive(), "bye");
      assert.equal((await served.closed).by, "remote");
    }));

  test("by its signal, which closes the session that is open", () =>
    simulate({}, async (world) => {
      await serving(world);
      const stop = new AbortController();
      const kept = keeping(world, { signal: stop.signal });
      const { session } = await nextOf(kept);
      const coming = kept.next();
      stop.abort();
      assert.deepEqual(await coming, { value: undefined, done: true });
      assert.equal((await session.closed).reason, "closed");
    }));

  test("by its signal's own reason where none is open", () =>
    simulate({}, async (world) => {
      const stop = new AbortController();
      const coming = keeping(world, { signal: stop.signal }).next();
      await world.sleep(60_000);
      stop.abort(new Error("changed my mind"));
      await assert.rejects(coming, { message: "changed my mind" });
      assert.equal(world.clock.pending, 0);
    }));

  test("with the error of an endpoint or option that can never do, and of the last attempt that was asked for", () =>
    simulate({}, async (world) => {
      await assert.rejects(keeping(world, { timeoutMs: -1 }).next(), { name: "UsageError" });
      await assert.rejects(keeping(world, { retry: { attempts: 3 } }).next(), {
        code: "ERR_CONNECTION_REFUSED",
      });
      await assert.rejects(keeping(world, { retry: { baseMs: -1 } }).next(), { name: "UsageError" });
    }));
});

test("an inner loop that fails because its session was lost is told apart from the outer one", () =>
  simulate({}, async (world) => {
    const guests = new Guests();
    const { server } = await serving(world, {}, guests);
    const heard: string[] = [];
    const coming = guests.next();
    for await (const { session, previous } of keeping(world)) {
      if (previous !== undefined) {
        await session.close();
        continue;
      }
      await (await coming).send("one");
      void world.sleep(100).then(() => world.crash(server.endpoint));
      void world.sleep(200).then(() => serving(world));
      try {
        for await (const message of session) heard.push(message);
      } catch (error) {
        heard.push((error as { code: string }).code);
      }
    }
    assert.deepEqual(heard, ["one", "ERR_SESSION_LOST"]);
  }));
