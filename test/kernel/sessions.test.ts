// Sessions on the real system: links that fall silent, processes that are stopped, resets, and no descriptors left.

import assert from "node:assert/strict";
import net from "node:net";
import { suite, test } from "node:test";
import { DisconnectedError, openSession, type Session, serveSessions, text } from "../../src/index.js";
import type { Cleanup, Program } from "../support/program.js";
import { needs } from "../support/require.js";
import { wire } from "./namespace.js";
import type { ErrorReport } from "./programs/report.js";
import { run, runWithDescriptors } from "./programs.js";

interface Event {
  readonly event: string;
  readonly endpoint?: string;
  readonly reason?: string;
}

interface End extends Event {
  readonly by: string;
  readonly error?: ErrorReport;
  readonly sent: number;
  readonly received: number;
  /** Of those sent: never acknowledged, or not read by the peer. */
  readonly unknown: number;
}

/** Much quicker than in earnest. */
const heartbeat = { pingAfterMs: 50, deadAfterMs: 300 };
const dialling = { heartbeat, timeoutMs: 300, retry: { baseMs: 10, maxMs: 100 } };

suite("when the wire goes dead", needs({ root: true, commands: ["ip", "nft"] }), () => {
  test("both ends notice the silence, and the session goes on once it heals", async (t) => {
    const { near, far } = wire(t);
    const server = far.run(t, "session", "serve", "tcp://192.0.2.2:7000", { heartbeat });
    await eventOf(server, "listening");
    const client = near.run(t, "session", "open", "tcp://192.0.2.2:7000", dialling);
    await messagesPass(client, server);
    for (const side of [near, far]) side.drops("tcp dport 7000", "tcp sport 7000");
    for (const side of [client, server]) {
      assert.equal((await eventOf(side, "resuming")).reason, "the peer gave no sign of life");
    }
    for (const side of [near, far]) side.dropsNothing();
    await eventOf(client, "resumed");
    await messagesPass(client, server);
    await assertEndsExactly(client, server);
  });
});

suite("a process that is stopped", () => {
  for (const who of ["client", "server"] as const) {
    test(`for longer than a link lives goes on where it was: the ${who}`, async (t) => {
      const { client, server } = await pair(t);
      const [stopped, other] = who === "client" ? [client, server] : [server, client];
      stopped.kill("SIGSTOP");
      await eventOf(other, "resuming");
      stopped.kill("SIGCONT");
      await eventOf(client, "resumed");
      await messagesPass(client, server);
      await assertEndsExactly(client, server);
    });

    test(`for longer than the session is kept learns its end, as the other does: the ${who}`, async (t) => {
      const { client, server } = await pair(t, { sessionTtlMs: 500 });
      const [stopped, other] = who === "client" ? [client, server] : [server, client];
      stopped.kill("SIGSTOP");
      const expired = (await eventOf(other, "closed")) as End;
      stopped.kill("SIGCONT");
      const learnt = (await eventOf(stopped, "closed")) as End;
      assert.deepEqual(
        [expired.by, expired.error?.code, expired.reason],
        ["network", "ERR_SESSION_EXPIRED", "expired: no link for 500 ms"],
      );
      const [clients, servers] = who === "client" ? [learnt, expired] : [expired, learnt];
      const code = who === "client" ? "ERR_SESSION_LOST" : "ERR_SESSION_EXPIRED";
      assert.equal(learnt.error?.code, code, learnt.error?.message);
      assertNothingIsSilent(clients, servers);
    });
  }
});

suite("a reset in mid-message", () => {
  for (const direction of ["up", "down"] as const) {
    test(`loses nothing and doubles nothing: ${direction}`, async (t) => {
      const messages = Array.from({ length: 8 }, (_, index) => `${index}`.repeat(200_000));
      const got: (string | undefined)[] = [];
      let links = 0;
      const receiveAll = async (session: Session<string>) => {
        while (got.length < messages.length) got.push(await session.receive());
      };
      const sendAll = async (session: Session<string>) => {
        for (const message of messages) await session.send(message);
        await session.flush();
      };
      const [client, server] = direction === "up" ? [sendAll, receiveAll] : [receiveAll, sendAll];
      await using sessions = await serveSessions<string>(
        "tcp://127.0.0.1:0",
        async (session) => {
          await server(session);
          await session.closed;
          links = session.stats.links;
        },
        { encoding: text() },
      );
      const relay = await cuttingRelay(t, sessions.endpoint, direction, 500_000);
      const session = await openSession(relay, { encoding: text() });
      await client(session);
      await session.close();
      await sessions.drain();
      assert.ok(got.every((message, index) => message === messages[index]));
      assert.equal(links, 2);
    });
  }
});

test("with 128 descriptors a session server tells who is too many to come again, and serves the others", async (t) => {
  const program = runWithDescriptors(t, 128, "echo-sessions", "tcp://127.0.0.1:0");
  const { endpoint = "" } = await eventOf(program, "listening");
  const inside: Session<string>[] = [];
  t.after(() => {
    for (const session of inside) session.abort();
  });
  const failures: unknown[] = [];
  for (let attempt = 0; attempt < 80; attempt += 1) {
    await openSession(endpoint, { encoding: text() }).then(
      (session) => inside.push(session),
      (error) => failures.push(error),
    );
  }
  assert.ok(inside.length > 16 && inside.length <= 64, `${inside.length} are inside`);
  for (const error of failures) {
    assert.ok(error instanceof DisconnectedError);
    assert.match(error.message, /: the server is busy \(there is no place now\); try again in \d+ ms$/);
  }
  assert.equal((await eventOf(program, "refused")).reason, "there is no place for another link");
  const echo = async (session: Session<string>) => {
    await session.send("still here");
    assert.equal(await session.receive(), "still here");
  };
  await Promise.all(inside.map(echo));
  // Its next link takes the place of its last one.
  for (const session of inside) session.cutLink();
  await Promise.all(inside.map(echo));
  await Promise.all(inside.splice(0, 5).map((session) => session.close()));
  // The server may not have missed them yet; then it says when to come again.
  inside.push(await openSession(endpoint, { encoding: text(), retry: { attempts: 50 } }));
  await Promise.all(inside.map(echo));
});

/** A client and a server on the loopback, with messages under way. */
async function pair(t: Cleanup, options: object = {}) {
  const server = run(t, "session", "serve", "tcp://127.0.0.1:0", { heartbeat, ...options });
  const { endpoint = "" } = await eventOf(server, "listening");
  const client = run(t, "session", "open", endpoint, dialling);
  await messagesPass(client, server);
  return { client, server };
}

async function messagesPass(...sides: readonly Program[]): Promise<void> {
  for (const side of sides) {
    side.write("mark\n");
    await eventOf(side, "message");
  }
}

async function assertEndsExactly(client: Program, server: Program): Promise<void> {
  client.write("end\n");
  const [ours, theirs] = (await Promise.all([eventOf(client, "closed"), eventOf(server, "closed")])) as [
    End,
    End,
  ];
  for (const { reason, error, unknown } of [ours, theirs]) {
    assert.deepEqual([reason, error, unknown], ["closed", undefined, 0]);
  }
  assert.deepEqual([ours.sent, theirs.sent], [theirs.received, ours.received]);
}

/** What the other side's reader did not get is told as unacknowledged or unread. */
function assertNothingIsSilent(one: End, other: End): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    assert.ok(from.sent - to.received <= from.unknown, `${from.sent}, ${to.received}, ${from.unknown}`);
  }
}

/** The next event of that name. Nothing may be wrong before it, and nothing over. */
async function eventOf(program: Program, name: string): Promise<Event> {
  for (;;) {
    const event = await program.json<Event>();
    if (event.event === name) return event;
    assert.ok(event.event !== "wrong" && event.event !== "closed", JSON.stringify(event));
  }
}

/** Carries to `target`, until so many bytes have gone in the direction: then both sides are reset, once. */
async function cuttingRelay(
  t: Cleanup,
  target: string,
  direction: "up" | "down",
  bytes: number,
): Promise<string> {
  const { hostname: host, port } = new URL(target);
  let left = bytes;
  const relay = net.createServer((near) => {
    const far = net.connect({ host, port: Number(port) });
    const carry = (from: net.Socket, to: net.Socket, counts: boolean) => {
      from.on("data", (chunk) => {
        if (!counts || left <= 0 || chunk.length < left) {
          to.write(chunk);
          if (left > 0 && counts) left -= chunk.length;
          return;
        }
        to.write(chunk.subarray(0, left), () => {
          for (const side of [near, far]) side.resetAndDestroy();
        });
        left = 0;
        from.pause();
      });
      from.on("end", () => to.end());
      from.on("error", () => to.destroy());
    };
    carry(near, far, direction === "up");
    carry(far, near, direction === "down");
  });
  await new Promise<void>((resolve) => void relay.listen(0, "127.0.0.1", resolve));
  t.after(() => void relay.close());
  return `tcp://127.0.0.1:${(relay.address() as net.AddressInfo).port}`;
}
