// Connections over WebSocket: the same verbs, messages that the transport keeps apart, and the ends that it knows.

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { WebSocket, WebSocketServer } from "ws";
import { connect } from "../../src/connection/connect.js";
import type { Connection } from "../../src/connection/connection.js";
import { listen } from "../../src/connection/listen.js";
import { serve } from "../../src/connection/serve.js";
import type { WebSocketAddress } from "../../src/connection/websocket-types.js";
import { LimitError, ProtocolError, RefusedError } from "../../src/core/errors.js";
import { bytes } from "../../src/protocol/encoding/bytes.js";
import { json } from "../../src/protocol/encoding/json.js";
import { text } from "../../src/protocol/encoding/text.js";
import { lines } from "../../src/protocol/framing/lines.js";
import { Authority } from "../support/certificates.js";

/** What a listener chose is a WebSocket again. */
const at = ({ endpoint }: { readonly endpoint: string }) => endpoint as WebSocketAddress;

/** A plain `ws` at the other end, which notes what it hears. */
class Plain {
  readonly socket: WebSocket;
  readonly heard: [data: string, isBinary: boolean][] = [];
  readonly closed: Promise<[code: number, reason: string]>;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data: Buffer, isBinary) => void this.heard.push([String(data), isBinary]));
    socket.on("error", () => {});
    this.closed = new Promise((resolve) =>
      socket.once("close", (code, reason) => resolve([code, String(reason)])),
    );
  }

  static async dial(endpoint: string): Promise<Plain> {
    const plain = new Plain(new WebSocket(endpoint, { perMessageDeflate: false }));
    await once(plain.socket, "open");
    return plain;
  }

  async hears(count: number): Promise<void> {
    while (this.heard.length < count) await once(this.socket, "message");
  }
}

test("messages go both ways as they are, whatever their size", async () => {
  await using server = await serve("ws://127.0.0.1:0/echo", async (connection) => {
    for await (const message of connection) await connection.send(message);
  });
  await using connection = await connect(at(server));
  const sizes = [0, 1, 125, 126, 65_535, 65_536, 300_000, 1_048_576];
  const sending = (async () => {
    for (const size of sizes) await connection.send(new Uint8Array(size).fill(size & 0xff));
  })();
  for (const size of sizes) {
    assert.deepEqual(await connection.receive(), new Uint8Array(size).fill(size & 0xff), `${size} bytes`);
  }
  await sending;
  assert.equal(connection.stats.messagesReceived, sizes.length);
});

test("a thousand messages of one turn arrive one by one, and in batches", async () => {
  const numbers = Array.from({ length: 1_000 }, (_, index) => index);
  await using server = await serve(
    "ws://127.0.0.1:0/",
    async (connection) => {
      for await (const batch of connection.batches())
        for (const number of batch) await connection.send(number);
    },
    { encoding: json<number>() },
  );
  await using connection = await connect(at(server), { encoding: json<number>() });
  for (const number of numbers) void connection.send(number);
  const back: (number | undefined)[] = [];
  while (back.length < numbers.length) back.push(await connection.receive());
  assert.deepEqual(back, numbers);
});

test("text and JSON leave as text messages, bytes as binary ones; either kind is taken", async () => {
  for (const [encoding, isBinary] of [
    [text(), false],
    [json(), false],
    [text({ charset: "latin1" }), true],
  ] as const) {
    await using listener = await listen("ws://127.0.0.1:0/", { encoding });
    const plain = await Plain.dial(listener.endpoint);
    const connection = await listener.accept();
    await connection?.send("7");
    await plain.hears(1);
    assert.equal(plain.heard[0]?.[1], isBinary);
    plain.socket.send("8");
    plain.socket.send(Buffer.from("9"));
    assert.equal(String(await connection?.receive()), "8");
    assert.equal(String(await connection?.receive()), "9");
    await connection?.close();
    assert.deepEqual(await plain.closed, [1000, ""]);
  }
  await using listener = await listen("ws://127.0.0.1:0/", { encoding: bytes() });
  const plain = await Plain.dial(listener.endpoint);
  const connection = await listener.accept();
  await connection?.send(Uint8Array.of(55));
  await plain.hears(1);
  assert.deepEqual(plain.heard, [["7", true]]);
  plain.socket.close();
});

test("there is no half-close, and no framing; the types of a literal endpoint know", async () => {
  await using listener = await listen("ws://127.0.0.1:0/");
  await using connection = await connect(at(listener));
  // @ts-expect-error a WebSocket cannot be ended on one side.
  await assert.rejects(connection.end(), {
    name: "UsageError",
    message: `end ${connection.remote}: a WebSocket has no half-close; use close()`,
  });
  const accepted = await listener.accept();
  // @ts-expect-error the same at the other end.
  await assert.rejects(accepted?.end(), { name: "UsageError" });
  const endpoint: string = listener.endpoint;
  await assert.rejects(connect(endpoint, { framing: lines() }), {
    name: "UsageError",
    message: /WebSocket keeps messages apart itself, so lines\(\) has nothing to do/,
  });
  const whole = connection as Connection;
  assert.throws(() => whole.reframe({ framing: lines() }), { name: "UsageError" });
  const asText = whole.reframe({ encoding: text() });
  await accepted?.send(Uint8Array.of(104, 105));
  assert.equal(await asText.receive(), "hi");
});

test("one server may have lines over TCP and messages over WebSocket", async () => {
  await using server = await serve(
    ["tcp://127.0.0.1:0", "ws://127.0.0.1:0/"],
    async (connection) => {
      for await (const line of connection) await connection.send(line.toUpperCase());
    },
    { framing: lines() },
  );
  const [tcp = "", ws = ""] = server.endpoints;
  await using plain = await connect(tcp, { framing: lines() });
  await using socket = await connect(ws, { encoding: text() });
  await plain.send("line");
  await socket.send("two\nlines");
  assert.equal(await plain.receive(), "LINE");
  assert.equal(await socket.receive(), "TWO\nLINES");
});

test("a connection knows the request that it began with, and what was agreed", async () => {
  await using listener = await listen("ws://127.0.0.1:0/here", {
    webSocket: { subprotocols: ["v2", "v1"] },
  });
  const endpoint = `${listener.endpoint}?token=none` as const;
  await using connection = await connect(endpoint as WebSocketAddress, {
    webSocket: { subprotocols: ["v1", "v2", "v3"], headers: { "X-Test": "yes" } },
  });
  const accepted = await listener.accept();
  const { request } = accepted ?? {};
  assert.equal(request?.url, "/here?token=none");
  assert.equal(request?.headers["x-test"], "yes");
  assert.equal(request?.headers.host, new URL(listener.endpoint).host);
  assert.equal(request?.address, "127.0.0.1");
  assert.equal(request?.subprotocol, "v2", "the server's first that the client speaks");
  assert.equal(connection.request?.subprotocol, "v2");
});

test("a subprotocol that the server does not speak ends the dial", async () => {
  await using listener = await listen("ws://127.0.0.1:0/");
  await assert.rejects(connect(at(listener), { webSocket: { subprotocols: ["v9"] } }), {
    name: "ProtocolError",
    message: /no WebSocket: server sent no subprotocol/,
  });
  await assert.rejects(connect(at(listener), { webSocket: { subprotocols: ["not a token"] } }), {
    name: "UsageError",
    message: /subprotocols is no such list/,
  });
  await assert.rejects(connect(at(listener), { webSocket: { headers: { "X-Bad": "a\nb" } } }), {
    name: "UsageError",
  });
});

test("a message above frameBytesMax ends the connection with 1009, for both sides to see", async () => {
  await using listener = await listen("ws://127.0.0.1:0/", { frameBytesMax: 1_000 });
  await using connection = await connect(at(listener));
  const accepted = await listener.accept();
  await connection.send(new Uint8Array(1_001));
  await assert.rejects(accepted?.receive() ?? Promise.resolve(), (error) => {
    assert.ok(error instanceof LimitError);
    assert.equal(error.limit, "frameBytesMax");
    assert.match(error.message, /frameBytesMax is 1000, got more/);
    return true;
  });
  const { error } = await connection.closed;
  assert.ok(error instanceof RefusedError);
  assert.match(error.message, /closed with 1009 .*too long.*; send less at once, or let the peer take more/);
  await assert.rejects(accepted?.send(new Uint8Array(1_001)) ?? Promise.resolve(), { name: "LimitError" });
});

test("what does not decode is told to the peer by 1007", async () => {
  await using listener = await listen("ws://127.0.0.1:0/", { encoding: json() });
  const plain = await Plain.dial(listener.endpoint);
  const connection = await listener.accept();
  plain.socket.send("{");
  await assert.rejects(connection?.receive() ?? Promise.resolve(), ProtocolError);
  const [code, reason] = await plain.closed;
  assert.deepEqual([code, reason], [1007, 'not JSON: "{"']);
  const closed = await connection?.closed;
  assert.deepEqual([closed?.by, closed?.reason], ["remote", 'not JSON: "{"']);
});

test("each close code of a peer is told as what it says", async () => {
  await using listener = await listen("ws://127.0.0.1:0/");
  for (const [code, said, reason, name] of [
    [1000, "", "ended", undefined],
    [1000, "bye", "closed with 1000 (bye)", undefined],
    [1001, "", "closed with 1001 (going away)", undefined],
    [4001, "no\u202ekey\n", "closed with 4001 (no key )", undefined],
    [1002, "", "the peer closed with 1002 (protocol error)", "ProtocolError"],
    [1003, "", "the peer closed with 1003 (a kind of message that it does not take)", "ProtocolError"],
    [1008, "no", "the peer closed with 1008 (no)", "RefusedError"],
    [1011, "", "the peer closed with 1011 (an error of its own)", "DisconnectedError"],
    [1012, "", "the peer closed with 1012 (it restarts)", "DisconnectedError"],
  ] as const) {
    const plain = await Plain.dial(listener.endpoint);
    const connection = await listener.accept();
    const reading = connection?.receive();
    plain.socket.close(code, said);
    if (name === undefined) assert.equal(await reading, undefined);
    else await assert.rejects(reading ?? Promise.resolve(), { name });
    const closed = await connection?.closed;
    assert.deepEqual([closed?.reason, closed?.error?.name], [reason, name], String(code));
  }
});

test("a connection that is cut without a Close frame is lost, and an abort cuts TCP", async () => {
  await using listener = await listen("ws://127.0.0.1:0/");
  const plain = await Plain.dial(listener.endpoint);
  const connection = await listener.accept();
  const reading = connection?.receive();
  connection?.abort("enough");
  await assert.rejects(reading ?? Promise.resolve(), { name: "ClosedError" });
  assert.deepEqual(await plain.closed, [1006, ""]);
  const other = await Plain.dial(listener.endpoint);
  const cut = await listener.accept();
  other.socket.terminate();
  await assert.rejects(cut?.receive() ?? Promise.resolve(), {
    name: "DisconnectedError",
    message: /ended without a Close frame/,
  });
});

test("close sends what is queued, then 1000, and waits for the answer", async () => {
  await using listener = await listen("ws://127.0.0.1:0/", { encoding: text() });
  const plain = await Plain.dial(listener.endpoint);
  const connection = await listener.accept();
  const all = Array.from({ length: 50 }, (_, index) => `message ${index} ${"x".repeat(10_000)}`);
  for (const message of all) void connection?.send(message);
  await connection?.close();
  assert.deepEqual(await plain.closed, [1000, ""]);
  assert.deepEqual(
    plain.heard.map(([data]) => data),
    all,
  );
});

test("what was taken and did not get out before the peer closed is told", async () => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  const accepting = once(server, "connection") as Promise<[WebSocket]>;
  const { port } = server.address() as { port: number };
  const connection = await connect(`ws://127.0.0.1:${port}/`, { sendBufferBytes: 10_000_000 });
  const [socket] = await accepting;
  socket.pause();
  // More than the system takes for a peer that does not read.
  while (connection.trySend(new Uint8Array(1_000_000))) await new Promise((resolve) => setImmediate(resolve));
  socket.terminate();
  const { error } = await connection.closed;
  assert.equal(error?.name, "DisconnectedError");
  server.close();
});

test("a reader that stops slows the sender, and nothing is lost", async () => {
  await using listener = await listen("ws://127.0.0.1:0/");
  await using connection = await connect(at(listener));
  const accepted = await listener.accept();
  assert.ok(accepted !== undefined);
  let sent = 0;
  const message = new Uint8Array(65_536);
  const stop = new AbortController();
  const sending = (async () => {
    while (!stop.signal.aborted) {
      await connection.send(message, { signal: stop.signal });
      sent += 1;
    }
  })();
  for (let before = -1; before !== sent; ) {
    before = sent;
    for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(
    connection.stats.pendingBytes > 0 && sent < 1_000,
    `${sent} messages for a reader that does not read`,
  );
  stop.abort();
  await sending.catch(() => {});
  let received = 0;
  void connection.close();
  for await (const one of accepted) received += one.length;
  assert.equal(received, sent * message.length);
});

test("a peer's pings, answered while a write is under way, hold nothing up", async () => {
  const authority = await Authority.create();
  // Inside TLS no write is done at once, so that an answer stands behind each.
  const tls = await authority.issue("a server");
  await using server = await serve(
    "wss://127.0.0.1:0/",
    async (connection) => {
      for (let count = 0; count < 200; count += 1) await connection.send(new Uint8Array(20_000));
    },
    { tls },
  );
  const socket = new WebSocket(server.endpoint, { ca: authority.cert });
  const plain = new Plain(socket);
  socket.on("message", () => socket.ping());
  const [code] = await plain.closed;
  assert.deepEqual([plain.heard.length, code], [200, 1_000]);
});
