// Upgrade requests: which are taken, which are refused in HTTP's words, and that a refusal harms nobody else.

import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { type TestContext, test } from "node:test";
import { WebSocketServer } from "ws";
import { connect } from "../../../src/connection/connect.js";
import { listen } from "../../../src/connection/listen.js";
import type { ListenOptions } from "../../../src/connection/options.js";
import type { LifecycleEvent } from "../../../src/core/lifecycle.js";
import { text } from "../../../src/protocol/encoding/text.js";
import { isOriginAllowed } from "../../../src/transport/websocket/origin.js";
import { Authority } from "../../support/certificates.js";
import { ManualClock } from "../../support/manual-clock.js";

const key = "dGhlIHNhbXBsZSBub25jZQ==";

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: { readonly [name: string]: string | undefined };
}

/** The answer to an upgrade request, up to its end or to the 101. */
async function ask(endpoint: string, { method = "GET", path, headers = {} }: Asked = {}): Promise<string> {
  const url = new URL(endpoint);
  const all: { [name: string]: string | undefined } = {
    Host: url.host,
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": key,
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  const socket = net.connect(Number(url.port), url.hostname).on("error", () => {});
  socket.write(`${method} ${path ?? url.pathname} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
  let heard = "";
  socket.setEncoding("latin1").on("data", (chunk) => {
    heard += chunk;
    if (heard.startsWith("HTTP/1.1 101")) socket.destroy();
  });
  await once(socket, "close");
  return heard;
}

const status = async (...args: Parameters<typeof ask>) => Number((await ask(...args)).split(" ", 2)[1]);

async function listening(t: TestContext, options: Pick<ListenOptions, "clock" | "connectionsMax"> = {}) {
  const events: LifecycleEvent[] = [];
  const observer = (event: LifecycleEvent) => void events.push(event);
  const listener = await listen("ws://127.0.0.1:0/here", { encoding: text(), observer, ...options });
  t.after(() => listener.close());
  const refusals = () => events.filter(({ name }) => name === "refused").map(({ reason }) => reason);
  return { listener, events, refusals };
}

test("each kind of bad request has its answer, is counted and told, and the next one is served", async (t) => {
  const bad: [expected: number, reason: RegExp, asked: Asked][] = [
    [403, /403: pages of this origin may not connect/, { headers: { Origin: "http://evil.example" } }],
    [403, /403/, { headers: { Origin: "null" } }],
    [404, /404: there is no WebSocket at this path/, { path: "/elsewhere" }],
    [404, /404/, { path: "/here/" }],
    [405, /405: Invalid HTTP method/, { method: "POST" }],
    [400, /400: Invalid Upgrade header/, { headers: { Upgrade: "h2c" } }],
    [400, /400: .*Sec-WebSocket-Key/, { headers: { "Sec-WebSocket-Key": "short" } }],
    [400, /400: .*Sec-WebSocket-Version/, { headers: { "Sec-WebSocket-Version": "7" } }],
    [400, /400: .*Sec-WebSocket-Protocol/, { headers: { "Sec-WebSocket-Protocol": "a,,b" } }],
    [
      426,
      /426: a request that asks for no WebSocket/,
      { headers: { Upgrade: undefined, Connection: undefined } },
    ],
    [
      431,
      /431: the request's header is longer than 16384 bytes/,
      { headers: { "X-Big": "x".repeat(20_000) } },
    ],
    [400, /400: this is no HTTP request/, { method: "\x16\x03\x01" }],
  ];
  for (const [expected, reason, asked] of bad) {
    const { listener, refusals } = await listening(t);
    const other = await connect(listener.endpoint, { encoding: text() });
    const accepted = await listener.accept();
    assert.equal(await status(listener.endpoint, asked), expected, JSON.stringify(asked).slice(0, 80));
    assert.equal(listener.stats.refused, 1);
    assert.match(refusals().join(), reason);
    await other.send("still here");
    assert.equal(await accepted?.receive(), "still here");
    await other.close();
    await accepted?.close();
    while (listener.stats.open > 0) await new Promise((resolve) => setImmediate(resolve));
  }
});

test("what is asked of another version is told which it may be, and a plain request what is here", async (t) => {
  const { listener } = await listening(t);
  const old = await ask(listener.endpoint, { headers: { "Sec-WebSocket-Version": "7" } });
  assert.match(old, /\r\nSec-WebSocket-Version: 13\r\n/);
  const plain = await ask(listener.endpoint, { headers: { Upgrade: undefined, Connection: undefined } });
  assert.match(plain, /\r\nUpgrade: websocket\r\n.*connect with a WebSocket client\.\n/s);
});

test("a half-finished upgrade is cut at its deadline, and its place is free", async (t) => {
  const clock = new ManualClock();
  const { listener, refusals } = await listening(t, { clock, connectionsMax: 1 });
  const { port, hostname } = new URL(listener.endpoint);
  const socket = net.connect(Number(port), hostname).on("error", () => {});
  socket.write("GET /here HTTP/1.1\r\nHost: x\r\n");
  while (listener.stats.open === 0) await new Promise((resolve) => setImmediate(resolve));
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  clock.advance(5_000);
  await once(socket.resume(), "close");
  assert.deepEqual(refusals(), ["HTTP 408: no whole request within 5000 ms"]);
  while (listener.stats.open > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await status(listener.endpoint), 101);
});

test("a flood of refusals is told in sums", async (t) => {
  const clock = new ManualClock();
  const { listener, events } = await listening(t, { clock });
  await Promise.all(
    Array.from({ length: 20 }, () =>
      status(listener.endpoint, { headers: { Origin: "http://evil.example" } }),
    ),
  );
  const told = () => events.filter(({ name }) => name === "refused").map(({ count }) => count);
  assert.deepEqual(told(), [1]);
  clock.advance(1_000);
  assert.deepEqual(told(), [1, 19]);
  assert.equal(listener.stats.refused, 20);
});

test("compression is not agreed on, whoever offers it", async (t) => {
  const { listener } = await listening(t);
  const answer = await ask(listener.endpoint, {
    headers: { "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" },
  });
  assert.match(answer, /^HTTP\/1\.1 101 /);
  assert.doesNotMatch(answer, /Extensions/i);
  assert.match(answer, /Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/, "RFC 6455 section 1.3");
});

test("pages of this host may connect, and others only where they are named", () => {
  for (const [origin, host, allowed, expected] of [
    [undefined, "a.example", undefined, true],
    ["http://a.example", "a.example", undefined, true],
    ["https://a.example", "a.example:443", undefined, true],
    ["http://a.example:8080", "A.example:8080", undefined, true],
    ["http://a.example:8080", "a.example", undefined, false],
    ["http://a.example", "b.example", undefined, false],
    ["http://a.example.evil", "a.example", undefined, false],
    ["http://[::1]:81", "[::1]:81", undefined, true],
    ["null", "a.example", undefined, false],
    ["null", "null", undefined, false],
    ["", "a.example", undefined, false],
    ["http://a.example", undefined, undefined, false],
    ["http://b.example", "a.example", ["http://b.example"], true],
    ["http://B.example:80", "a.example", ["http://b.example/"], true],
    ["https://b.example", "a.example", ["http://b.example"], false],
    ["http://a.example", "a.example", ["http://b.example"], false],
    ["null", "a.example", ["null"], false],
    ["http://c.example", "a.example", ["*"], true],
    ["http://c.example", "a.example", [], false],
    ["chrome-extension://ours", "a.example", ["chrome-extension://ours"], true],
    ["chrome-extension://theirs", "a.example", ["chrome-extension://ours"], false],
    ["file:///", "a.example", ["app://ours"], false],
    ["app://a.example", "a.example", undefined, false],
  ] as const) {
    const said = `${origin} at ${host}, allowed: ${allowed}`;
    assert.equal(isOriginAllowed(origin, host, allowed), expected, said);
  }
});

/** A server of the user's own, as they are written. */
async function ownServer(t: TestContext) {
  const server = http.createServer((_request, response) => void response.end("my page"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => void server.close());
  return { server, base: `ws://127.0.0.1:${(server.address() as net.AddressInfo).port}` as const };
}

test("a WebSocket at a path of the user's own server leaves all else of it alone", async (t) => {
  const { server, base } = await ownServer(t);
  const theirs = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket, head) => {
    if (request.url === "/theirs") theirs.handleUpgrade(request, socket, head, (ws) => ws.close(4_000));
  });
  const before = server.listenerCount("upgrade");
  await using one = await listen("ws:/one", { server, encoding: text() });
  await using two = await listen("ws:/two", { server, encoding: text() });
  assert.deepEqual([one.endpoint, two.endpoint], [`${base}/one`, `${base}/two`]);
  for (const [listener, path] of [
    [one, "/one"],
    [two, "/two"],
  ] as const) {
    await using connection = await connect(`${base}${path}?a=1`, { encoding: text() });
    const accepted = await listener.accept();
    await connection.send(path);
    assert.equal(await accepted?.receive(), path);
    assert.equal(accepted?.request?.url, `${path}?a=1`);
    assert.match(accepted?.remote ?? "", /^ws:\/\/127\.0\.0\.1:\d+$/);
  }
  const their = await connect(`${base}/theirs`);
  assert.equal(await their.receive(), undefined);
  assert.equal((await their.closed).reason, "closed with 4000");
  const page = await fetch(`${base.replace("ws", "http")}/`);
  assert.equal(await page.text(), "my page");
  await one.close();
  await two.close();
  assert.equal(server.listenerCount("upgrade"), before);
  assert.ok(server.listening);
});

test("inside TLS of the user's own server, both ends know what was agreed, and who the client is", async (t) => {
  const authority = await Authority.create();
  const ca = authority.cert;
  const own = await authority.issue("a server");
  const server = https.createServer({ ...own, ca, requestCert: true, rejectUnauthorized: false });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => void server.close());
  await using listener = await listen("ws:/one", { server });
  for (const identity of [undefined, await authority.issue("a client")]) {
    const connection = await connect(listener.endpoint, {
      tls: { ca, serverName: "localhost", ...identity },
    });
    const accepted = await listener.accept();
    assert.equal(accepted?.tls?.version, "TLSv1.3");
    assert.equal(accepted?.tls?.serverName, "localhost");
    assert.equal(accepted?.tls?.isVerified, identity !== undefined);
    assert.equal(accepted?.tls?.chain.length === 0, identity === undefined);
    assert.ok(accepted?.tls?.exporter);
    assert.deepEqual(accepted?.tls?.exporter, connection.tls?.exporter);
    connection.abort();
    await accepted?.close();
  }
});

test("where nobody else listens, another path is answered, and a full server says so", async (t) => {
  const { server, base } = await ownServer(t);
  await using listener = await listen("ws:", { server, path: "/only", connectionsMax: 1 });
  assert.equal(listener.endpoint, `${base}/only`);
  assert.equal(await status(`${base}/other`), 404);
  await using connection = await connect(`${base}/only`);
  const accepted = await listener.accept();
  assert.equal(await status(`${base}/only`), 503);
  await connection.close();
  await accepted?.close();
  while (listener.stats.open > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await status(`${base}/only`, { headers: { "Sec-WebSocket-Key": "no" } }), 400);
  while (listener.stats.open > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await status(`${base}/only`), 101);
});

test("what cannot be listened on is told at once", async (t) => {
  const { server } = await ownServer(t);
  await using taken = await listen("ws:/same", { server });
  await assert.rejects(listen("ws:/same", { server }), { name: "UsageError", code: "ERR_ADDRESS_IN_USE" });
  await assert.rejects(listen("ws:/same"), { message: /pass \{ server \}, or write ws:\/\/host:port\/same/ });
  await assert.rejects(listen("ws://127.0.0.1:0/a?b"), { message: /the path of what listens has no query/ });
  await assert.rejects(connect("ws:/same"), { message: /a path alone is for listening only/ });
  assert.match(taken.endpoint, /\/same$/);
  const wrong = [
    ["ws:/a", { server, path: "/b" }, /there are two paths, \/a and \/b; say it once/],
    ["ws:", { server, path: "chat" }, /path is "chat", which no request asks for; write "\/path"/],
    ["ws:", { server, path: "/chat?room=1" }, /which no request asks for/],
    ["ws:", { server: (() => {}) as never }, /server is no HTTP server; give what http\.createServer\(\)/],
    ["ws://127.0.0.1:0/", { path: "/b" }, /path is for ws:\/path alone; write ws:\/b/],
    ["tcp://127.0.0.1:0", { server }, /server is for ws:\/path alone/],
    ["ws:/a", { server, webSocket: { subprotocols: "chat" as never } }, /subprotocols is no such list/],
    ["ws:/a", { server, webSocket: { subprotocols: ["a", "a"] } }, /subprotocols is no such list/],
    ["ws:/a", { server, webSocket: { origins: "https://a.example" as never } }, /origins is no such list/],
    ["ws:/a", { server, webSocket: { origins: ["a.example"] } }, /origins is no such list/],
  ] as const;
  await assert.rejects(connect("ws://127.0.0.1:1/", { webSocket: { subprotocols: ["a b"] } }), {
    name: "UsageError",
    message: /subprotocols is no such list; write a list of different names/,
  });
  for (const [endpoint, options, message] of wrong) {
    await assert.rejects(listen(endpoint as string, options), { name: "UsageError", message });
  }
  const later = http.createServer();
  await using early = await listen("ws:/early", { server: later });
  assert.equal(early.endpoint, "ws:/early");
});
