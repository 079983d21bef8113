// Sessions over the transports of the real network: a hundred cuts each, and nothing lost, doubled or out of order.

import assert from "node:assert/strict";
import { test } from "node:test";
import { json } from "../../src/protocol/encoding/json.js";
import { openSession, serveSessions } from "../../src/session/index.js";
import type { Session } from "../../src/session/session.js";
import { certificates } from "../support/certificates.js";
import { Counting, cutOften, cutOnceOpen, hasty } from "../support/counting.js";
import { Relay } from "../support/relay.js";

for (const scheme of ["tcp", "tls", "ws"] as const) {
  test(`over ${scheme}:// 100 cuts lose nothing, double nothing and change no order`, async (t) => {
    const { ca, server: identity } = await certificates();
    const options = { encoding: json<number>(), heartbeat: hasty };
    let arrive: (session: Session<number>) => void = () => {};
    const arrived = new Promise<Session<number>>((resolve) => (arrive = resolve));
    const path = scheme === "ws" ? "/session" : "";
    const server = await serveSessions(
      `${scheme}://127.0.0.1:0${path}`,
      async (session) => {
        arrive(session);
        await session.closed;
      },
      { ...options, tls: identity },
    );
    await using relay = await Relay.to(Number(new URL(server.endpoint).port));
    const session = await openSession(`${scheme}://127.0.0.1:${relay.port}${path}`, {
      ...options,
      tls: { ca },
      // An attempt may fall silent too.
      timeoutMs: 1_000,
      retry: { attempts: 1, baseMs: 10, maxMs: 200 },
    });
    const [here, there] = [new Counting(session), new Counting(await arrived)];
    await cutOften(100, relay, there.session, () => cutOnceOpen(session));
    await Promise.all([here.finish(), there.finish()]);
    t.diagnostic(`${here.sent} and ${there.sent} messages, over ${there.session.stats.links} links`);
    assert.deepEqual([here.wrong, there.wrong], [[], []]);
    assert.deepEqual([here.received, there.received], [there.sent, here.sent]);
    assert.ok(there.session.stats.links > 100);
    await session.close();
    await server.drain({ deadlineMs: 1_000 });
  });
}
