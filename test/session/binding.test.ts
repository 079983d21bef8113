// Sessions over TLS: bound to the two ends of the connection, and to the client's certificate.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  type OpenSessionOptions,
  openSession,
  type ServeSessionsOptions,
  type Session,
  type SessionServer,
  serveSessions,
  text,
} from "../../src/index.js";
import { certificates, type Identity } from "../support/certificates.js";
import { Terminator } from "../support/terminator.js";

const { authority, ca, server: identity, client: clientIdentity } = await certificates();
const retry = { baseMs: 1, maxMs: 10 };
const mine = { encoding: text(), tls: { ca }, retry } satisfies OpenSessionOptions<string>;

function serveEcho(options: ServeSessionsOptions<string> = {}): Promise<SessionServer<string>> {
  return serveSessions(
    "tls://127.0.0.1:0",
    async (session) => {
      for await (const message of session) await session.send(`echo ${message}`);
    },
    { encoding: text(), tls: identity, ...options },
  );
}

const portOf = ({ endpoint }: { readonly endpoint: string }) => Number(endpoint.split(":").at(-1));

async function echoes(session: Session<string>, word: string): Promise<void> {
  await session.send(word);
  assert.equal(await session.receive(), `echo ${word}`);
}

test("a session over TLS is bound, and finds its way back over another connection", async () => {
  const server = await serveEcho({ binding: "required" });
  await using proxy = await Terminator.before(portOf(server), identity, false);
  const session = await openSession(proxy.endpoint, { ...mine, binding: "required" });
  await echoes(session, "one");
  proxy.cut();
  await echoes(session, "two");
  await session.close();
  await server.drain();
});

test("where TLS ends in between, a session is not bound: it works, unless either side requires it", async () => {
  const server = await serveEcho();
  await using proxy = await Terminator.before(portOf(server), identity, true);
  const session = await openSession(proxy.endpoint, mine);
  await echoes(session, "one");
  proxy.cut();
  await echoes(session, "two");
  await session.close();
  await assert.rejects(openSession(proxy.endpoint, { ...mine, retry: undefined, binding: "required" }), {
    name: "ProtocolError",
    code: "ERR_PROOF",
    message: /something between us and the server ends it/,
  });
  await server.drain({ deadlineMs: 1_000 });

  const strict = await serveEcho({ binding: "required" });
  await using before = await Terminator.before(portOf(strict), identity, true);
  await assert.rejects(openSession(before.endpoint, mine), { name: "RefusedError", message: /bound to TLS/ });
  await strict.drain();
});

test("a bound session cannot be resumed through one who ends TLS", async () => {
  const server = await serveEcho();
  await using proxy = await Terminator.before(portOf(server), identity, false);
  const session = await openSession(proxy.endpoint, mine);
  await echoes(session, "one");
  proxy.endsTls = true;
  proxy.cut();
  const { by, error } = await session.closed;
  assert.deepEqual([by, error?.code], ["remote", "ERR_SESSION_LOST"]);
  // Not even its existence was told, and the one who has it still could come back.
  assert.equal(server.stats.sessions, 1);
  await server.drain({ deadlineMs: 0 });
});

test("over tcp:// nothing can be bound, and required says so", async () => {
  const server = await serveSessions("tcp://127.0.0.1:0", () => {}, { encoding: text() });
  await assert.rejects(openSession(server.endpoint, { encoding: text(), binding: "required" }), {
    code: "ERR_PROOF",
  });
  await assert.rejects(openSession(server.endpoint, { binding: "sometimes" as "offered" }), {
    name: "UsageError",
    message: /binding must be offered or required/,
  });
  await server.drain({ deadlineMs: 0 });
});

test("who showed a certificate comes back with the same one, or is unknown", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-binding-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const [cert, key] = [join(folder, "client.crt"), join(folder, "client.key")];
  const show = (shown: Identity) => {
    writeFileSync(cert, shown.cert);
    writeFileSync(key, shown.key);
  };
  show(clientIdentity);
  const server = await serveEcho({ tls: { ...identity, ca, clientCertificate: "require" } });
  await using proxy = await Terminator.before(portOf(server), identity, false);
  const session = await openSession(proxy.endpoint, { ...mine, tls: { ca, cert, key } });
  await echoes(session, "one");
  proxy.cut();
  await echoes(session, "two");

  show(await authority.issue("another client"));
  proxy.cut();
  assert.equal((await session.closed).error?.code, "ERR_SESSION_LOST");
  await server.drain({ deadlineMs: 0 });
});
