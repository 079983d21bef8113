import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { suite, test } from "node:test";
import { serve } from "../../src/connection/serve.js";
import { openSession } from "../../src/session/on-node.js";
import { serveSessions } from "../../src/session/serve-sessions.js";
import { simulate } from "../../src/testing/simulate.js";
import { dialling, place, serving } from "../support/sessions.js";

suite("the first link", () => {
  test("is one attempt, and says what is wrong", () =>
    simulate({}, async (world) => {
      await assert.rejects(dialling(world), {
        code: "ERR_CONNECTION_REFUSED",
        message: /^connect memory:hub: /,
      });
      assert.ok(world.now() < 100);
      assert.equal(world.clock.pending, 0);
    }));

  test("is tried again if asked for", () =>
    simulate({}, async (world) => {
      const opening = dialling(world, { retry: { attempts: 100 } });
      await world.sleep(5_000);
      const { guests } = await serving(world);
      const coming = guests.next();
      const client = await opening;
      await client.send("x");
      assert.equal(await (await coming).receive(), "x");
    }));

  test("ends at its timeout, handshake included, and leaves nothing open", () =>
    simulate({}, async (world) => {
      const silent = await serve(place, (connection) => connection.closed.then(() => {}), world.options);
      await assert.rejects(dialling(world, { timeoutMs: 1_000 }), {
        code: "ERR_TIMEOUT",
        message: "connect memory:hub: no session within 1000 ms",
      });
      await world.sleep(100);
      assert.equal(silent.stats.open, 0);
    }));

  test("ends with the signal's own reason, and leaves nothing on it", () =>
    simulate({}, async (world) => {
      const silent = await serve(place, (connection) => connection.closed.then(() => {}), world.options);
      for (const retry of [undefined, { attempts: 3 }]) {
        const stop = new AbortController();
        const opening = dialling(world, { signal: stop.signal, ...(retry && { retry }) });
        await world.sleep(100);
        stop.abort(new Error("changed my mind"));
        await assert.rejects(opening, { message: "changed my mind" });
        await assert.rejects(dialling(world, { signal: stop.signal }), { message: "changed my mind" });
        assert.equal(getEventListeners(stop.signal, "abort").length, 0);
      }
      await world.sleep(100);
      assert.equal(silent.stats.open, 0);
    }));

  test("leaves nothing on a signal that was never aborted, which does not touch the open session", () =>
    simulate({}, async (world) => {
      await serving(world);
      const stop = new AbortController();
      const client = await dialling(world, { signal: stop.signal, retry: { attempts: 2 } });
      assert.equal(getEventListeners(stop.signal, "abort").length, 0);
      stop.abort();
      await world.sleep(100);
      assert.equal(client.state.name, "open");
    }));
});

suite("whoever answers is told by name", () => {
  const answers = {
    "a web server": ["HTTP/1.1 400 Bad Request\r\n\r\n", /looks like HTTP .*check the port, or use ws:/],
    "a chat": ["Welcome, type /help for help\n", /looks like a plain program .*connect without a session/],
  } as const;
  for (const [who, [answer, message]] of Object.entries(answers)) {
    test(who, () =>
      simulate({}, async (world) => {
        await serve(place, (connection) => connection.send(new TextEncoder().encode(answer)), world.options);
        await assert.rejects(dialling(world), { code: "ERR_INVALID_BYTES", message });
      }),
    );
  }

  test("one that hangs up", () =>
    simulate({}, async (world) => {
      await serve(place, () => {}, world.options);
      await assert.rejects(dialling(world), { code: "ERR_CONNECTION_LOST" });
    }));

  test("one that resets", () =>
    simulate({}, async (world) => {
      await serve(place, (connection) => connection.abort(), world.options);
      await assert.rejects(dialling(world), { code: "ERR_CONNECTION_RESET" });
    }));

  test("one that drains, which says when to come again", () =>
    simulate({}, async (world) => {
      const { server } = await serving(world);
      await dialling(world);
      void server.drain({ deadlineMs: 60_000 });
      await assert.rejects(dialling(world), {
        code: "ERR_CONNECTION_REFUSED",
        message: /^connect memory:hub: the server is busy \(the server is closing\); try again in \d+ ms$/,
      });
      const before = world.now();
      await assert.rejects(dialling(world, { retry: { attempts: 2 } }), { code: "ERR_CONNECTION_REFUSED" });
      assert.ok(world.now() - before >= 500);
    }));
});

test("bad options are errors before anything is dialled", async () => {
  await assert.rejects(openSession("nonsense://x"), { code: "ERR_ENDPOINT" });
  await assert.rejects(openSession("udp://127.0.0.1:1"), { name: "UsageError" });
  await assert.rejects(openSession("memory:x", { sourceAddress: "here" }), {
    message: /sourceAddress must be an IP address, got "here"; give one of this machine's own addresses/,
  });
  await assert.rejects(openSession("memory:x", { timeoutMs: -1 }), { name: "UsageError" });
  await assert.rejects(openSession("memory:x", { retry: { baseMs: -1 } }), { message: /retry.baseMs/ });
});

for (const endpoint of ["tcp://127.0.0.1:0", `unix:/tmp/holdfast-open-session-${process.pid}.sock`]) {
  test(`over real sockets: ${endpoint.slice(0, 4)}`, async () => {
    await using server = await serveSessions(endpoint, async (session) => {
      for await (const message of session) await session.send(message);
    });
    await using client = await openSession(server.endpoint);
    const large = new Uint8Array(200_000).map((_, index) => index % 251);
    for (let round = 0; round < 20; round += 1) {
      await client.send(large);
      if (round % 5 === 0) client.cutLink();
      assert.deepEqual(await client.receive(), large);
    }
    assert.equal(client.stats.links, 5);
    assert.match(client.local, /^(tcp:\/\/127|unix:)/);
  });
}
