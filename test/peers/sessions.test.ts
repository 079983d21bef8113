// The door of sessions, and who comes to it without speaking them: curl, openssl and ncat; and what our own client says
// of doors that are not for sessions.

import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import type net from "node:net";
import { suite, test } from "node:test";
import {
  lines,
  openSession,
  ProtocolError,
  type SessionServer,
  serve,
  serveSessions,
} from "../../src/index.js";
import { type Cleanup, start } from "../support/program.js";
import { needs } from "../support/require.js";

const words = "Holdfast sessions are served here, which other programs cannot speak.";

/** Nobody gets a session there. */
function sessionDoor(): Promise<SessionServer> {
  return serveSessions("tcp://127.0.0.1:0", () => assert.fail("a session was opened"));
}

const hostOf = ({ endpoint }: { readonly endpoint: string }) => endpoint.slice("tcp://".length);
const portOf = ({ endpoint }: { readonly endpoint: string }) => endpoint.split(":").at(-1) ?? "";

suite("at a session's door", () => {
  test("curl is told in HTTP", needs({ commands: ["curl"] }), async (t) => {
    await using door = await sessionDoor();
    const curl = start(t, ["curl", "-si", `http://${hostOf(door)}/`]);
    assert.deepEqual(await curl.exit, { code: 0, signal: null });
    assert.match(curl.stdout, /^HTTP\/1\.1 400 Bad Request\r\n/);
    assert.equal(curl.stdout.split("\r\n\r\n")[1], `${words} There is no HTTP at this port.\n`);
    assert.equal(door.stats.refused, 1);
  });

  test("openssl is told by an alert", needs({ commands: ["openssl"] }), async (t) => {
    await using door = await sessionDoor();
    const openssl = start(t, ["openssl", "s_client", "-connect", hostOf(door)]);
    assert.equal((await openssl.exit).code, 1);
    assert.match(openssl.stderr, /alert handshake failure/);
  });

  test("ncat is told in a line, once it has said one", needs({ commands: ["ncat"] }), async (t) => {
    await using door = await sessionDoor();
    const ncat = start(t, ["ncat", "127.0.0.1", portOf(door)]);
    ncat.write("hello?\n");
    assert.equal(await ncat.line(), words);
    ncat.end();
    assert.deepEqual(await ncat.exit, { code: 0, signal: null });
  });
});

suite("at another door a session is told what is there", () => {
  test("a web server", async (t) => {
    const server = http.createServer((_, response) => response.end("hello"));
    await listening(t, server);
    await assertRefused(
      endpointOf(server),
      /: this looks like HTTP and not like a session: "HTTP\/1\.1 400 .*; check the port, or use ws:\/\//,
    );
  });

  test("a TLS server", needs({ commands: ["openssl"] }), async (t) => {
    const openssl = start(t, ["openssl", "s_server", "-nocert", "-accept", "127.0.0.1:0"]);
    const [, port] = await openssl.sees(/ACCEPT 127\.0\.0\.1:(\d+)/);
    // It ends without a word, as OpenSSL does for what is no TLS.
    await assert.rejects(openSession(`tcp://127.0.0.1:${port}`), {
      code: "ERR_CONNECTION_LOST",
      message:
        /: the server ended the link before it had answered; .* a server that expects TLS ends like this$/,
    });
  });

  test("a plain program that greets", async () => {
    await using server = await serve(
      "tcp://127.0.0.1:0",
      (connection) => connection.send("220 at your service"),
      {
        framing: lines(),
      },
    );
    await assertRefused(
      server.endpoint,
      /: this looks like a plain program and not like a session: "220 at your service.*; check the port, or connect without/,
    );
  });

  test("a plain program that echoes", async () => {
    await using server = await serve(
      "tcp://127.0.0.1:0",
      async (connection) => {
        for await (const chunk of connection) await connection.send(chunk);
      },
      { onError: () => {} },
    );
    await assertRefused(
      server.endpoint,
      /: a frame of the kind hello came where welcome or reject was expected/,
    );
  });
});

async function listening(t: Cleanup, server: net.Server): Promise<void> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => void server.close());
}

function endpointOf(server: net.Server): string {
  return `tcp://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
}

async function assertRefused(endpoint: string, message: RegExp): Promise<void> {
  await assert.rejects(openSession(endpoint), (error) => {
    assert.ok(error instanceof ProtocolError, String(error));
    assert.match(error.message, message);
    return true;
  });
}
