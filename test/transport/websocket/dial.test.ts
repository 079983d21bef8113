// Dialling a WebSocket: what every answer that is none comes to, in the clear and inside TLS, and that nothing stays open.

import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { type TestContext, test } from "node:test";
import { connect } from "../../../src/connection/connect.js";
import { serve } from "../../../src/connection/serve.js";
import type { LifecycleEvent } from "../../../src/core/lifecycle.js";
import { Authority } from "../../support/certificates.js";
import { ManualClock } from "../../support/manual-clock.js";

/** A server that answers the first bytes with `answer`, and then ends. */
async function answering(t: TestContext, answer: string | undefined, ends = true) {
  const sockets: net.Socket[] = [];
  const server = net.createServer((socket) => {
    sockets.push(socket);
    socket
      .on("error", () => {})
      .once("data", () => {
        if (answer !== undefined) socket.write(answer);
        if (ends) socket.end();
      });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as net.AddressInfo;
  return { endpoint: `ws://127.0.0.1:${port}/chat` as const, sockets };
}

const head = (status: string, ...lines: string[]) => `HTTP/1.1 ${[status, ...lines].join("\r\n")}\r\n\r\n`;
const upgraded = ["Connection: Upgrade", "Upgrade: websocket"];

test("each other answer is told as what it is, with the status and a bit of what it says", async (t) => {
  for (const [answer, name, message] of [
    [
      `${head("401 Unauthorized")}who are you?\x1b[31m`,
      "RefusedError",
      /401 Unauthorized: "who are you\? \[31m"; say who you are/,
    ],
    [`${head("403 Forbidden", "Content-Length: 2")}no`, "RefusedError", /answered 403 Forbidden: "no"/],
    [head("404 Not Found", "Content-Length: 0"), "RefusedError", /404 Not Found; check the endpoint's path/],
    [
      head("302 Found", "Location: wss://b.example/x", "Content-Length: 0"),
      "RefusedError",
      /302 Found, and redirects to wss:\/\/b\.example\/x; connect there/,
    ],
    [head("307 Elsewhere"), "RefusedError", /redirects to somewhere else/],
    [head("200 OK", "Content-Length: 0"), "ProtocolError", /200 OK, and not with a WebSocket/],
    [head("503 Busy", "Content-Length: 0"), "DisconnectedError", /503 Busy; try again later/],
    [head("429 Slow down", "Content-Length: 0"), "DisconnectedError", /429/],
    ["SSH-2.0-OpenSSH_9.2\r\n", "ProtocolError", /the answer is not HTTP: "SSH-2\.0-OpenSSH_9\.2/],
    [head("200 OK", `X: ${"x".repeat(20_000)}`), "ProtocolError", /the answer's header is too long/],
    [
      head("101 Switching Protocols", ...upgraded),
      "ProtocolError",
      /no WebSocket: invalid Sec-WebSocket-Accept header/,
    ],
    [
      head("101 Switching Protocols", "Connection: Upgrade", "Upgrade: h2c"),
      "ProtocolError",
      /no WebSocket: invalid Upgrade header/,
    ],
    [
      undefined,
      "DisconnectedError",
      /ended the connection before it had answered; .*a server that expects TLS/,
    ],
  ] as const) {
    const { endpoint } = await answering(t, answer);
    const events: LifecycleEvent[] = [];
    await assert.rejects(connect(endpoint, { observer: (event) => events.push(event) }), (error) => {
      assert.ok(error instanceof Error);
      assert.equal(error.name, name, String(answer));
      assert.match(error.message, message);
      assert.ok(error.message.startsWith(`connect ${endpoint}: `), error.message);
      return true;
    });
    const told = events.map(({ name, by, error }) => [name, by, error?.name]);
    assert.deepEqual(told.at(-1), ["closed", "remote", name]);
  }
});

test("a refusal is final for a retry, and a server that is busy is tried again", async (t) => {
  for (const [answer, attempts] of [
    [head("403 Forbidden"), 1],
    [head("502 Bad Gateway"), 3],
  ] as const) {
    const { endpoint, sockets } = await answering(t, answer);
    await assert.rejects(connect(endpoint, { retry: { attempts: 3, baseMs: 1, maxMs: 1 } }));
    assert.equal(sockets.length, attempts);
  }
});

test("a server that connects and says nothing has the rest of the time, and the signal ends the wait", async (t) => {
  const { endpoint, sockets } = await answering(t, undefined, false);
  const clock = new ManualClock();
  const dialling = connect(endpoint, { clock, timeoutMs: 3_000 });
  while (sockets.length === 0) await new Promise((resolve) => setImmediate(resolve));
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  clock.advance(3_000);
  await assert.rejects(dialling, {
    name: "TimeoutError",
    message: /connected, but no answer to the upgrade within 3000 ms/,
  });
  assert.equal(clock.pending, 0);
  const stop = new AbortController();
  const reason = new Error("changed my mind");
  const other = connect(endpoint, { signal: stop.signal });
  while (sockets.length === 1) await new Promise((resolve) => setImmediate(resolve));
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  stop.abort(reason);
  await assert.rejects(other, (error) => error === reason);
  for (const socket of sockets) {
    socket.resume();
    while (!socket.closed) await new Promise((resolve) => setImmediate(resolve));
  }
});

test("an answer that TCP cuts short is lost", async (t) => {
  const server = net.createServer((socket) => {
    socket.on("error", () => {}).once("data", () => socket.resetAndDestroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => void server.close());
  const { port } = server.address() as net.AddressInfo;
  await assert.rejects(connect(`ws://127.0.0.1:${port}/`), {
    name: "DisconnectedError",
    code: "ERR_CONNECTION_RESET",
  });
});

test("wss shakes hands first: what is wrong with a certificate is told to both", async (t) => {
  const authority = await Authority.create();
  const identity = await authority.issue("a server");
  const events: LifecycleEvent[] = [];
  const server = await serve(
    "wss://127.0.0.1:0/secret",
    async (connection) => {
      for await (const message of connection) await connection.send(message);
    },
    {
      tls: { ...identity, ca: authority.cert, clientCertificate: "request" },
      observer: (event) => events.push(event),
    },
  );
  t.after(() => server.drain());
  const endpoint = server.endpoint as `wss://${string}`;
  assert.match(endpoint, /^wss:\/\/127\.0\.0\.1:\d+\/secret$/);
  const connection = await connect(endpoint, { tls: { ca: authority.cert, ...identity } });
  await connection.send(Uint8Array.of(1, 2, 3));
  assert.deepEqual(await connection.receive(), Uint8Array.of(1, 2, 3));
  assert.match(connection.remote, /^wss:/);
  const [accepted] = server.connections;
  assert.equal(accepted?.request?.url, "/secret");
  assert.match(accepted?.remote ?? "", /^wss:\/\/127\.0\.0\.1:\d+$/);
  await connection.close();
  await assert.rejects(connect(endpoint), { name: "CertificateError" });
  while (server.stats.refused === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(events.filter(({ name }) => name === "refused").length, 1);
  // In the clear to where TLS is.
  await assert.rejects(connect(endpoint.replace("wss:", "ws:")), { message: /a server that expects TLS/ });
  while (server.stats.open > 0) await new Promise((resolve) => setImmediate(resolve));
});

test("a server that wants a certificate, and gets none, refuses", async (t) => {
  const authority = await Authority.create();
  const tls = { ...(await authority.issue("a server")), ca: authority.cert };
  const server = await serve("wss://127.0.0.1:0/", () => {}, {
    tls: { ...tls, clientCertificate: "require" },
  });
  t.after(() => server.drain());
  const endpoint = server.endpoint as `wss://${string}`;
  await assert.rejects(connect(endpoint, { tls: { ca: authority.cert } }), { name: "RefusedError" });
  const known = await connect(endpoint, { tls });
  await known.close();
});
