// Sessions over every transport that carries them: what the stories tell on a simulated network holds on real sockets,
// whatever is spoken beneath.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { type Carrier, sessionOver } from "../../src/cli/demo/contenders/session.js";
import { Contest } from "../../src/cli/demo/contest.js";
import { brokenPromises } from "../../src/cli/demo/scoreboard.js";
import { connect } from "../../src/connection/connect.js";
import { serve } from "../../src/connection/serve.js";
import { SocketError } from "../../src/core/errors.js";
import { text } from "../../src/protocol/encoding/text.js";
import { openSession, serveSessions } from "../../src/session/index.js";
import type { OpenSessionOptions } from "../../src/session/options.js";
import type { ServeSessionsOptions, SessionHandler } from "../../src/session/serve-sessions.js";
import { certificates } from "../support/certificates.js";
import { Guests } from "../support/sessions.js";

const { ca, server: identity } = await certificates();
const tls = { server: identity, client: { ca } };
const folder = mkdtempSync(join(tmpdir(), "holdfast-transports-"));
after(() => rmSync(folder, { recursive: true }));

const carriers: readonly (Omit<Carrier, "scheme"> & { readonly name: string; readonly endpoint: string })[] =
  [
    { name: "tcp", endpoint: "tcp://127.0.0.1:0" },
    { name: "unix", endpoint: `unix:${join(folder, "session")}` },
    { name: "memory", endpoint: "memory:transports" },
    { name: "tls", endpoint: "tls://127.0.0.1:0", ...tls },
    { name: "ws", endpoint: "ws://127.0.0.1:0/session" },
    { name: "wss", endpoint: "wss://127.0.0.1:0/session", ...tls },
  ];

for (const carrier of carriers) {
  const { name, endpoint } = carrier;
  suite(`over ${name}`, () => {
    const serving = (handler: SessionHandler<string, string>, options: ServeSessionsOptions<string> = {}) =>
      serveSessions(endpoint, handler, { encoding: text(), tls: carrier.server, ...options });
    const dialling = (where: { readonly endpoint: string }, options: OpenSessionOptions<string> = {}) =>
      openSession(where.endpoint, { encoding: text(), tls: carrier.client, ...options });
    const echo: SessionHandler<string, string> = async (session) => {
      for await (const message of session) await session.send(message);
    };

    test("messages pass, from nothing to large ones, and streams beside them", async () => {
      const guests = new Guests();
      await using server = await serving(guests.handler);
      const coming = guests.next();
      await using client = await dialling(server);
      const served = await coming;
      assert.equal(client.id, served.id);
      for (const message of ["", "grüße", "x".repeat(250_000)]) {
        await client.send(message);
        assert.equal(await served.receive(), message);
        await served.send(message);
        assert.equal(await client.receive(), message);
      }
      const stream = await client.open("beside");
      await stream.send("one");
      stream.end();
      const { value: arrived } = await served.streams().next();
      assert.equal(arrived?.name, "beside");
      assert.equal(await arrived?.receive(), "one");
      assert.equal(await arrived?.receive(), undefined);
      await client.close();
      const { by, error } = await served.closed;
      assert.deepEqual([by, error], ["remote", undefined]);
    });

    test("a link that is cut is replaced, and nothing is lost or doubled", async () => {
      await using server = await serving(echo);
      await using client = await dialling(server);
      const large = "0123456789".repeat(20_000);
      for (let round = 0; round < 20; round += 1) {
        await client.send(`${round} ${large}`);
        if (round % 5 === 0) client.cutLink();
        assert.equal(await client.receive(), `${round} ${large}`);
      }
      assert.equal(client.stats.links, 5);
    });

    test("a drain tells the clients, lets them finish, and sends others away until it is over", async () => {
      await using server = await serving(async (session) => {
        await session.send("hello");
        await session.receive();
      });
      await using client = await dialling(server);
      assert.equal(await client.receive(), "hello");
      const states = client.states();
      assert.equal((await states.next()).value?.name, "open");
      const drained = server.drain();
      assert.deepEqual((await states.next()).value, { name: "draining", why: "the server is draining" });
      await assert.rejects(dialling(server), {
        code: "ERR_CONNECTION_REFUSED",
        message: /the server is busy \(the server is closing\); try again in \d+ ms$/,
      });
      await client.send("goodbye");
      assert.deepEqual(await drained, { cut: 0 });
      const { by, error } = await client.closed;
      assert.deepEqual([by, error], ["remote", undefined]);
    });

    test("a door that has no place says so, and when to come again", async () => {
      await using server = await serving(echo, { connectionsMax: 1 });
      const first = await dialling(server);
      await assert.rejects(dialling(server), {
        code: "ERR_CONNECTION_REFUSED",
        message: /the server is busy \(there is no place now\); try again in \d+ ms$/,
      });
      assert.equal(server.stats.refused, 1);
      await first.close();
      await using second = await dialling(server, { retry: { totalMs: 60_000 } });
      await second.send("there is a place");
      assert.equal(await second.receive(), "there is a place");
    });

    test("whoever is no session is refused, and a session is told what else is there", async () => {
      await using server = await serving(echo);
      const { client: tlsOptions } = carrier;
      await using stranger = await connect(server.endpoint, { tls: tlsOptions });
      await stranger.send(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
      const answer = new TextDecoder().decode(await stranger.receive());
      assert.match(answer, /^HTTP\/1\.1 400 .*Holdfast sessions are served here/s);
      assert.equal(server.stats.refused, 1);
      await server.drain({ deadlineMs: 0 });

      await using plain = await serve(
        endpoint,
        (connection) => connection.send("welcome to something else\n"),
        {
          encoding: text(),
          tls: carrier.server,
        },
      );
      await assert.rejects(
        dialling(plain),
        (error) => error instanceof SocketError && error.op === "connect",
      );
    });

    test("what one side takes holds the other", async () => {
      await using server = await serving(echo, { limits: { messageBytesMax: 1_000 } });
      await using client = await dialling(server);
      await assert.rejects(client.send("x".repeat(1_001)), { code: "ERR_LIMIT", limit: "messageBytesMax" });
      await client.send("x".repeat(1_000));
      assert.equal((await client.receive())?.length, 1_000);
    });
  });
}

suite("100 cuts under load, of every kind: 0 lost, 0 doubled, 0 out of order", { concurrency: true }, () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  for (const carrier of [
    { scheme: "tcp" },
    { scheme: "tls", ...tls },
    { scheme: "ws" },
    { scheme: "wss", ...tls },
  ] as const) {
    test(`over ${carrier.scheme}, seed ${seed}`, async () => {
      const contest = await Contest.open(sessionOver(carrier), {
        seed,
        heartbeat: { pingAfterMs: 40, deadAfterMs: 160 },
        cutEveryMs: 20,
        messagesPerSecond: 200,
        cutsMax: 100,
        forMs: 100_000,
        drainMs: 60_000,
      });
      await contest.run();
      const { standing } = contest;
      await contest.close();
      assert.deepEqual(brokenPromises([standing]), []);
      const { missing, twice, outOfOrder, damaged } = standing.score;
      assert.deepEqual([standing.cuts, missing, twice, outOfOrder, damaged], [100, 0, 0, 0, 0]);
    });
  }
});
