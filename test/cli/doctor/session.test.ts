import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { checkSession } from "../../../src/cli/doctor/session.js";
import { type Connection, connect, type Session, serve, serveSessions } from "../../../src/index.js";
import { certificates } from "../../support/certificates.js";
import { patient, statuses } from "./patients.js";

test("a session that opens is fine, and is closed again", async () => {
  const seen: string[] = [];
  await using server = await serveSessions("tcp://127.0.0.1:0", async (session) => {
    seen.push(session.id);
    await session.closed;
  });
  const [found] = await checkSession(patient(server.endpoint, { session: true }));
  assert.match(found?.says ?? "", /^a session opens in [\d.]+ m?s$/);
  assert.equal(seen.length, 1);
});

suite("inside TLS it is also asked whether something in between ends that:", () => {
  const handler = async (session: Session) => void (await session.closed);

  test("not where both ends see the same TLS", async () => {
    const { ca, server: own } = await certificates();
    await using server = await serveSessions("tls://127.0.0.1:0", handler, { tls: own });
    const settings = { timeoutMs: 5_000, tls: { ca } };
    const found = await checkSession(patient(server.endpoint, { session: true, settings }));
    assert.deepEqual(statuses(found), ["ok session", "ok session"]);
    assert.match(found[1]?.says ?? "", /bound to TLS/);
  });

  test("but where another ends it, and goes on in the clear", async () => {
    const { ca, server: own } = await certificates();
    await using behind = await serveSessions("tcp://127.0.0.1:0", handler);
    const inward = async (outer: Connection) => {
      const inner = await connect(behind.endpoint);
      const pass = async (from: Connection, to: Connection) => {
        for await (const chunk of from) await to.send(chunk);
        await to.end();
      };
      await Promise.all([pass(outer, inner), pass(inner, outer)]);
    };
    await using proxy = await serve("tls://127.0.0.1:0", inward, { tls: own, onError: () => {} });
    const settings = { timeoutMs: 5_000, tls: { ca } };
    const found = await checkSession(patient(proxy.endpoint, { session: true, settings }));
    assert.deepEqual(statuses(found), ["ok session", "warning session"]);
    assert.match(found[1]?.says ?? "", /something between us and the server ends it/);
  });
});

test("what serves no sessions is a failure of theirs", async () => {
  await using server = await serve("tcp://127.0.0.1:0", () => {});
  assert.deepEqual(statuses(await checkSession(patient(server.endpoint, { session: true }))), [
    "failed session",
  ]);
});

test("nothing is tried unless it is asked for", async () => {
  assert.deepEqual(await checkSession(patient("tcp://127.0.0.1:1")), []);
});
