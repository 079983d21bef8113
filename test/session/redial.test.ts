import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { listen } from "../../src/connection/listen.js";
import { encodeHandshake } from "../../src/protocol/session/handshake-wire.js";
import { ServerHandshake } from "../../src/protocol/session/server-handshake.js";
import { sessionLimits } from "../../src/protocol/session/session-limits.js";
import { encodeReject } from "../../src/protocol/session/words.js";
import { simulate, type World } from "../../src/testing/simulate.js";
import { Alarm } from "../support/alarm.js";
import { dialling, endOf, Guests, opened, place, serving, type TextSession } from "../support/sessions.js";

const cut = (world: World) => {
  for (const cable of world.cables) cable.reset();
};

/** When each dial that arrives does, from now on: everything is refused, or answered with these bytes. */
async function counting(world: World, answer?: Uint8Array | ((dial: number) => Uint8Array)) {
  world.crash(place);
  const times: number[] = [];
  const listener = await listen(place, world.options);
  void (async () => {
    for await (const connection of listener) {
      times.push(world.now());
      await connection.receive().catch(() => {});
      const said = typeof answer === "function" ? answer(times.length) : answer;
      if (said === undefined) connection.abort();
      else await connection.send(said).then(() => connection.close());
    }
  })();
  return { times, listener };
}

const reject = (code: string, retryAfterMs = 0) =>
  encodeHandshake("reject", encodeReject({ code, reason: "", retryAfterMs }));

suite("when a link breaks", () => {
  test("the next is dialled at once", () =>
    simulate({ latencyMs: 10 }, async (world) => {
      const { client } = await opened(world);
      await client.send("x");
      await client.flush();
      const before = world.now();
      cut(world);
      await client.send("y");
      await client.flush();
      assert.ok(world.now() - before < 150, "two handshakes and an answer, and no pause");
    }));

  test("then after pauses of full jitter, until the session expires", () =>
    simulate({ latencyMs: 1 }, async (world) => {
      const { client } = await opened(world, {
        server: { sessionTtlMs: 60_000 },
        client: { retry: { baseMs: 100, maxMs: 2_000 } },
      });
      const { times } = await counting(world);
      const end = await endOf(client);
      assert.deepEqual([end.by, end.reason], ["network", "expired: no link for 60000 ms"]);
      const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
      assert.ok(pauses.length > 30, `${pauses.length} pauses`);
      assert.ok(Math.max(...pauses) <= 2_010);
      assert.ok(Math.max(...pauses.slice(0, 2)) <= 410, "the first are shorter");
      assert.ok(new Set(pauses.map(Math.round)).size > 20, "no two alike");
      await world.sleep(5_000);
      assert.equal(world.clock.pending, 0, "no timer is left");
    }));

  test("a pause ends when this side wakes, and the next attempt is made at once", () =>
    simulate({ latencyMs: 1 }, async (world) => {
      const alarm = new Alarm();
      const { client } = await opened(world, {
        client: { retry: { baseMs: 60_000, maxMs: 60_000, random: () => 1 } },
        wakes: alarm.wakes,
      });
      const { times } = await counting(world);
      await world.sleep(100);
      const before = times.length;
      alarm.ring();
      await world.sleep(100);
      assert.equal(times.length, before + 1);
      client.abort();
      await world.sleep(100);
      assert.equal(alarm.sleepers, 0);
    }));

  test("what the server asked for is waited for all the same", () =>
    simulate({ latencyMs: 1 }, async (world) => {
      const alarm = new Alarm();
      const { client } = await opened(world, { wakes: alarm.wakes });
      const { times } = await counting(world, reject("busy", 10_000));
      await world.sleep(1_000);
      alarm.ring();
      await world.sleep(1_000);
      assert.equal(times.length, 1);
      client.abort();
    }));

  test("the pauses are those of `retry`, its own chance included", () =>
    simulate({ latencyMs: 1 }, async (world) => {
      let asked = 0;
      const random = () => {
        asked += 1;
        return 0.5;
      };
      const { client } = await opened(world, { client: { retry: { attempts: 1, random, baseMs: 1_000 } } });
      world.cables.dials("refused");
      cut(world);
      await world.sleep(5_000);
      assert.ok(asked >= 2, `asked ${asked} times`);
      client.abort();
    }));

  test("a busy server says when to come again", () =>
    simulate({ latencyMs: 1 }, async (world) => {
      const { client } = await opened(world, { server: { sessionTtlMs: 60_000 } });
      const { times } = await counting(world, reject("busy", 7_000));
      await endOf(client);
      const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
      assert.ok(Math.min(...pauses) >= 7_000);
    }));

  test("links that come to nothing count as attempts that failed", () =>
    simulate({ latencyMs: 1 }, async (world) => {
      const { client } = await opened(world, { server: { sessionTtlMs: 60_000 } });
      const before = world.cables.joined;
      const until = world.now() + 30_000;
      while (world.now() < until) {
        if (client.state.name === "open") cut(world);
        await world.sleep(1);
      }
      const links = world.cables.joined - before;
      assert.ok(links > 3 && links < 60, `${links} links in 30 s`);
      assert.ok(client.stats.links > 3);
    }));

  test("and a link that came to something is a new beginning", () =>
    simulate({ latencyMs: 1 }, async (world) => {
      const { client } = await opened(world);
      for (let round = 0; round < 20; round += 1) {
        await client.send("x");
        await client.flush();
        const before = world.now();
        cut(world);
        await world.sleep(20);
        assert.equal(client.state.name, "open", `at once, after ${world.now() - before} ms`);
      }
    }));
});

suite("an answer that is final", () => {
  for (const code of ["unknown", "stale", "changed", "version", "protocol", "auth", "closed"]) {
    test(`${code} ends the session, with what is unacknowledged`, () =>
      simulate({}, async (world) => {
        const { client } = await opened(world);
        const { times } = await counting(world, reject(code));
        await client.send("who knows");
        const end = await endOf(client);
        assert.deepEqual([end.by, end.code], ["remote", "ERR_SESSION_LOST"]);
        assert.deepEqual(end.unacknowledged, [{ stream: undefined, message: "who knows" }]);
        assert.equal(times.length, 1);
      }));
  }

  test("a server that was started again knows the session no more", () =>
    simulate({}, async (world) => {
      const { client } = await opened(world);
      await client.send("acknowledged");
      await client.flush();
      world.crash(place);
      await serving(world, {}, new Guests());
      const end = await endOf(client);
      assert.deepEqual([end.by, end.code, end.unread], ["remote", "ERR_SESSION_LOST", 1]);
      assert.match(end.reason, /does not know the session any more/);
    }));

  test("is a clean end for who has said CLOSE, and has nothing unacknowledged", () =>
    simulate({}, async (world) => {
      const { client } = await opened(world);
      world.cables.dials("refused");
      await client.send("x");
      await client.flush();
      for (const cable of world.cables) cable.hold("accepted");
      const closing = client.close();
      await world.sleep(100);
      cut(world);
      await counting(world, reject("unknown"));
      world.cables.dials("answered");
      await closing;
      assert.deepEqual(await endOf(client), {
        by: "local",
        reason: "closed",
        code: undefined,
        unacknowledged: [],
        unread: 1,
      });
    }));

  test("so is the expiry", () =>
    simulate({}, async (world) => {
      const { client } = await opened(world, {
        server: { sessionTtlMs: 2_000 },
        client: { drainMs: 60_000 },
      });
      for (const cable of world.cables) cable.hold("accepted");
      const closing = client.close();
      await world.sleep(100);
      world.cables.dials("refused");
      cut(world);
      await closing;
      assert.equal((await endOf(client)).code, undefined);
    }));
});

suite("who answers may be somebody else", () => {
  test("an impostor without the secret is cut, and the session goes on to look for its server", () =>
    simulate({ latencyMs: 1 }, async (world) => {
      const guests = new Guests();
      const { client } = await opened(world);
      const { listener, times } = await counting(world, () =>
        encodeHandshake(
          "resumed",
          new TextEncoder().encode(
            JSON.stringify({ version: 1, features: [], limits: sessionLimits(), epoch: 1, received: 0 }),
          ),
          new Uint8Array(32),
        ),
      );
      cut(world);
      await world.sleep(1_000);
      assert.ok(times.length > 1);
      assert.equal(client.state.name, "resuming");
      assert.match(String(client.state.why), /does not know the session's secret/);
      await listener.close();
      client.abort();
      assert.deepEqual(guests.sessions, []);
    }));

  test("other parameters under a valid proof end it: somebody has changed the first handshake", () =>
    simulate({}, async (world) => {
      world.crash(place);
      const listener = await listen(place, world.options);
      let key: Parameters<typeof keyed>[0];
      void (async () => {
        for await (const connection of listener) {
          const handshake = new ServerHandshake({
            limits: sessionLimits(),
            ttlMs: 60_000,
            find: () => key,
            decoySecret: new Uint8Array(32),
          });
          let outcome: ReturnType<typeof handshake.receive>;
          while (outcome === undefined)
            outcome = handshake.receive((await connection.receive()) as Uint8Array);
          if (outcome.kind === "hello") {
            const welcome = handshake.welcome(new Uint8Array(16).fill(1), new Uint8Array(32).fill(2));
            key = keyed(welcome.key);
            await connection.send(welcome.answer);
          } else await connection.send(handshake.resumed(0));
        }
      })();
      const client: TextSession = await dialling(world);
      client.cutLink();
      const end = await endOf(client);
      assert.deepEqual([end.by, end.code], ["remote", "ERR_SESSION_LOST"]);
      assert.match(end.reason, /other parameters/);
    }));
});

test("abort while it is dialling dials no more", () =>
  simulate({}, async (world) => {
    const { client } = await opened(world);
    const { times } = await counting(world);
    await world.sleep(1_000);
    client.abort();
    const { length } = times;
    await world.sleep(180_000);
    assert.equal(world.clock.pending, 0, "no timer is left, nor any of the server's");
    assert.ok(times.length <= length + 1);
  }));

/** A server whose limits are other ones than it said. */
function keyed(key: ReturnType<ServerHandshake["welcome"]>["key"]) {
  return { ...key, serverLimits: { ...key.serverLimits, streamsMax: 1 } };
}
