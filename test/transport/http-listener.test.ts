// HTTP on admitted sockets: what a peer may do before it has said what it wants, and that no other peer notices.

import assert from "node:assert/strict";
import { once } from "node:events";
import type http from "node:http";
import net from "node:net";
import { test } from "node:test";
import { parseEndpoint, type WebSocketEndpoint } from "../../src/core/endpoint.js";
import { limits } from "../../src/core/limits.js";
import { plainOptions } from "../../src/testing/open-pair.js";
import { httpPeerOf, listenHttp } from "../../src/transport/http-listener.js";
import type { ListenerOptions } from "../../src/transport/transport.js";
import { ManualClock } from "../support/manual-clock.js";

const loopback = parseEndpoint("ws://127.0.0.1:0/") as WebSocketEndpoint;

interface Scene extends AsyncDisposable {
  readonly port: number;
  readonly refused: string[];
  readonly left: string[];
  readonly clock: ManualClock;
  readonly server: http.Server;
  close(): Promise<void>;
}

async function scene(
  onRequest: http.RequestListener = (_request, response) => void response.end("hello"),
  options: Partial<ListenerOptions> = {},
): Promise<Scene> {
  const refused: string[] = [];
  const left: string[] = [];
  const clock = new ManualClock();
  const all: ListenerOptions = {
    ...plainOptions,
    clock,
    onRefused: (reason) => void refused.push(reason),
    leave: (remote) => void left.push(remote),
    ...options,
  };
  const listener = await listenHttp(loopback, all, onRequest);
  const { port } = parseEndpoint(listener.endpoint) as WebSocketEndpoint;
  const close = () => listener.close();
  return { port, refused, left, clock, server: listener.server, close, [Symbol.asyncDispose]: close };
}

/** What a peer reads until the end, after it has written `text`. */
class Talk {
  readonly socket: net.Socket;
  heard = "";

  constructor(port: number) {
    this.socket = net.connect(port, "127.0.0.1");
    this.socket.on("error", () => {}).setEncoding("latin1");
    this.socket.on("data", (text) => {
      this.heard += text;
    });
  }

  async hears(wanted: RegExp): Promise<void> {
    while (!wanted.test(this.heard)) await once(this.socket, "data");
  }

  async closed(): Promise<string> {
    if (!this.socket.closed) await once(this.socket, "close");
    return this.heard;
  }
}

const request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/** Waits for the server to have read what was written to it. */
async function arrived(server: http.Server, bytes: number): Promise<void> {
  const [socket] = (await once(server, "connection")) as [net.Socket];
  while (socket.bytesRead < bytes) await new Promise((resolve) => setImmediate(resolve));
}

test("requests are answered on one connection, and its place is free when it closes", async () => {
  await using here = await scene();
  const talk = new Talk(here.port);
  talk.socket.write(request);
  await talk.hears(/hello$/);
  talk.heard = "";
  talk.socket.write(request);
  await talk.hears(/hello$/);
  talk.socket.end();
  await talk.closed();
  while (here.left.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.match(here.left.join(), /^ws:\/\/127\.0\.0\.1:\d+$/);
  assert.deepEqual(here.refused, []);
  assert.equal(here.clock.pending, 0);
});

test("a header that is too long is answered 431 and told, and nobody else notices", async () => {
  await using here = await scene();
  const good = new Talk(here.port);
  const bad = new Talk(here.port);
  bad.socket.write(`GET / HTTP/1.1\r\nX: ${"x".repeat(limits.upgradeBytesMax + 1)}`);
  bad.socket.write("y".repeat(100_000));
  assert.match(await bad.closed(), /^HTTP\/1\.1 431 .*header is longer than 16384 bytes\n$/s);
  assert.deepEqual(here.refused, ["HTTP 431: the request's header is longer than 16384 bytes"]);
  good.socket.write(request);
  await good.hears(/hello$/);
  good.socket.destroy();
});

test("what is no HTTP is told so", async () => {
  await using here = await scene();
  const talk = new Talk(here.port);
  talk.socket.write("HOLDFAST\x01");
  assert.match(await talk.closed(), /^HTTP\/1\.1 400 Bad Request\r\n.*no HTTP request\n$/s);
  assert.deepEqual(here.refused, ["HTTP 400: this is no HTTP request"]);
});

test("half a request is cut at its deadline, however slowly it goes on", async () => {
  await using here = await scene();
  const talk = new Talk(here.port);
  const half = arrived(here.server, 16);
  talk.socket.write("GET / HTTP/1.1\r\n");
  await half;
  here.clock.advance(limits.handshakeMs - 1);
  talk.socket.write("X");
  here.clock.advance(1);
  assert.match(await talk.closed(), /^HTTP\/1\.1 408 /);
  assert.deepEqual(here.refused, ["HTTP 408: no whole request within 5000 ms"]);
});

test("who connects and says nothing is let go without a word, also after an answer", async () => {
  await using here = await scene();
  const silent = new Talk(here.port);
  const connected = arrived(here.server, 0);
  await connected;
  here.clock.advance(limits.handshakeMs);
  assert.equal(await silent.closed(), "");
  const idle = new Talk(here.port);
  idle.socket.write(request);
  await idle.hears(/hello$/);
  while (here.clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
  here.clock.advance(limits.handshakeMs);
  await idle.closed();
  assert.deepEqual(here.refused, []);
});

test("who does not take its answer is cut", async () => {
  await using here = await scene((_request, response) => void response.write("the beginning of"));
  const talk = new Talk(here.port);
  talk.socket.write(request);
  await talk.hears(/beginning/);
  here.clock.advance(limits.flushMs);
  await talk.closed();
  assert.equal(here.left.length, 1);
});

test("closing lets go of who waits, and lets answers end", async () => {
  let onAsked: (response: http.ServerResponse) => void = () => {};
  const asked = new Promise<http.ServerResponse>((resolve) => {
    onAsked = resolve;
  });
  const here = await scene((_request, response) => onAsked(response));
  const waiting = new Talk(here.port);
  await once(here.server, "connection");
  const asking = new Talk(here.port);
  asking.socket.write(request);
  const response = await asked;
  await here.close();
  assert.equal(await waiting.closed(), "");
  response.end("late");
  await asking.hears(/late$/);
  asking.socket.destroy();
});

test("an upgrade goes to whoever listens for it, who takes the connection with its place", async () => {
  await using here = await scene();
  here.server.on("upgrade", (_request, socket) => {
    const peer = httpPeerOf(socket);
    assert.ok(peer !== undefined);
    assert.match(peer.names.remote, /^ws:/);
    assert.equal(peer.tls, undefined);
    peer.upgraded();
    peer.handOver();
    socket.end("HTTP/1.1 101 Switching Protocols\r\n\r\n");
  });
  const talk = new Talk(here.port);
  talk.socket.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
  await talk.hears(/101/);
  assert.equal(here.clock.pending, 0);
  talk.socket.end();
  await talk.closed();
  assert.deepEqual([here.left, here.refused], [[], []]);
});

test("an answer that ends behind an upgrade puts no bound on whoever has the connection", async () => {
  await using here = await scene();
  const upgraded = once(here.server, "upgrade");
  const talk = new Talk(here.port);
  talk.socket.write(
    `${request}GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n`,
  );
  const [, socket] = (await upgraded) as [unknown, net.Socket];
  httpPeerOf(socket)?.upgraded();
  await talk.hears(/hello$/);
  socket.write(" there");
  await talk.hears(/there$/);
  here.clock.advance(limits.handshakeMs);
  assert.equal(socket.destroyed, false);
  assert.deepEqual(here.refused, []);
  assert.equal(here.clock.pending, 0);
  talk.socket.destroy();
});

test("a server of the user's own has no peers of ours", () => {
  assert.equal(httpPeerOf(new net.Socket()), undefined);
});
