// The link over `ws` under its contract, between a server and a client of ours; and what `ws` says of a peer in the wrong.

import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { test } from "node:test";
import { WebSocket, WebSocketServer } from "ws";
import { systemClock } from "../../../src/core/clock.js";
import type { SocketError } from "../../../src/core/errors.js";
import { limits } from "../../../src/core/limits.js";
import { messageLinkContract } from "../../../src/testing/message-link-contract.js";
import { cut } from "../../../src/transport/node-stream.js";
import { WsLink } from "../../../src/transport/websocket/ws-link.js";
import { ManualClock } from "../../support/manual-clock.js";

const bound = { bytesMax: 1_000_000, limit: "frameBytesMax" } as const;

function linkOver(ws: WebSocket, socket: net.Socket, isClient: boolean, clock = systemClock): WsLink {
  const names = { local: "ws://127.0.0.1:1", remote: "ws://127.0.0.1:2" };
  const under = { cut: () => cut(socket, names.local) };
  return new WsLink(ws, {
    ...names,
    tls: undefined,
    request: undefined,
    socket,
    under,
    isClient,
    clock,
    bound,
  });
}

/** Both ends of one WebSocket, as `ws` has them. */
async function opened() {
  const server = http.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  const handshake = new WebSocketServer({ noServer: true, maxPayload: bound.bytesMax, autoPong: false });
  const accepting = new Promise<[WebSocket, net.Socket]>((resolve) => {
    server.on("upgrade", (request, socket, head) => {
      handshake.handleUpgrade(request, socket, head, (ws) => {
        ws.pause();
        resolve([ws, socket as net.Socket]);
      });
    });
  });
  let dialled = new net.Socket();
  const ws = new WebSocket(`ws://127.0.0.1:${port}/`, {
    perMessageDeflate: false,
    autoPong: false,
    createConnection: (() => {
      dialled = net.connect(port, "127.0.0.1");
      return dialled;
    }) as unknown as typeof net.createConnection,
  });
  await once(ws, "open");
  return {
    client: [ws, dialled] as const,
    accepted: await accepting,
    close: async () => void server.close(),
  };
}

messageLinkContract(test, {
  name: "ws",
  async open() {
    const { client, accepted, close } = await opened();
    return { dialer: linkOver(...client, true), accepted: linkOver(...accepted, false), close };
  },
});

/** Ends of the link under test, as they are told. */
function ending(link: WsLink): Promise<readonly [SocketError | undefined, number | undefined]> {
  return new Promise((resolve) =>
    link.start({ onMessage() {}, onWritten() {}, onClosed: (error, code) => resolve([error, code]) }),
  );
}

test("a peer in the wrong that does not close is cut off after lingerMs", async () => {
  const { client, accepted, close } = await opened();
  const clock = new ManualClock();
  const [, socket] = client;
  const told = ending(linkOver(...accepted, false, clock));
  // An unmasked frame; and then it reads nothing and ends nothing.
  socket.pause();
  socket.write(Uint8Array.of(0x82, 0x01, 0x00));
  while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
  clock.advance(limits.lingerMs);
  const [error] = await told;
  assert.equal(error?.message, "receive ws://127.0.0.1:2: not WebSocket: MASK must be set");
  assert.equal(clock.pending, 0);
  socket.destroy();
  await close();
});

test("a close with a code of our own does not wait for ever either", async () => {
  const { client, accepted, close } = await opened();
  const clock = new ManualClock();
  const [, socket] = client;
  socket.pause();
  const link = linkOver(...accepted, false, clock);
  const told = ending(link);
  link.close(1003, "no text here");
  clock.advance(limits.lingerMs);
  assert.deepEqual(await told, [undefined, undefined]);
  socket.destroy();
  await close();
});

test("a link that has closed before it is started tells so then, and an abort has nothing to add", async () => {
  for (const aborts of [false, true]) {
    const { client, accepted, close } = await opened();
    const link = linkOver(...accepted, false);
    accepted[0].resume();
    client[0].close(4_002);
    await once(accepted[1], "close");
    await new Promise((resolve) => setImmediate(resolve));
    if (aborts) link.abort();
    const [error, code] = await ending(link);
    assert.deepEqual([error, code], [undefined, aborts ? undefined : 4_002]);
    await close();
  }
});

test("pings that come faster than answers leave are answered by their newest", async () => {
  const { client, accepted, close } = await opened();
  const [ws, dialled] = client;
  const [server, socket] = accepted;
  const link = linkOver(...accepted, false);
  const told = ending(link);
  const answers: string[] = [];
  ws.on("pong", (payload) => answers.push(String(payload)));
  let came = 0;
  server.on("ping", () => {
    came += 1;
  });
  // Nothing of ours is done until it is uncorked.
  socket.cork();
  dialled.cork();
  for (let index = 0; index < 1_000; index += 1) ws.ping(`${index}`);
  dialled.uncork();
  while (came < 1_000) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(ws.readyState, ws.OPEN);
  socket.uncork();
  while (answers.at(-1) !== "999") await once(ws, "pong");
  assert.deepEqual(answers, Array.from({ length: 64 }, (_, index) => `${index}`).concat("999"));
  ws.close();
  await told;
  await close();
});
