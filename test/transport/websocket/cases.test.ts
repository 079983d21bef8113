// The list of cases against our server and our client, and beside them against plain `ws`: messages seen, frames that come
// back, and how it ends must be the same. The documented difference: which kind a message was is not told by a connection.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import { after, before, suite, test } from "node:test";
import { WebSocket, WebSocketServer } from "ws";
import { connect } from "../../../src/connection/connect.js";
import { type Listener, listen } from "../../../src/connection/listen.js";
import type { WebSocketConnection } from "../../../src/connection/websocket-types.js";
import { groups, messageBytesMax, type WireCase } from "./cases.js";
import { type Answer, playToClient, playToServer } from "./raw-peer.js";

/** What its user sees of one connection. */
interface Seen {
  readonly messages: readonly string[];
  /** Whether it ended as it should. */
  readonly isInOrder: boolean;
}

const digest = (bytes: Uint8Array) => `${bytes.length}:${createHash("sha1").update(bytes).digest("hex")}`;

/** Codes that are no error, as the table in close-codes.ts has it. */
const inOrder = (code: number) => [1000, 1001, 1005].includes(code) || code >= 3000;

async function seenByPlain(socket: WebSocket): Promise<Seen> {
  const messages: string[] = [];
  let failed = false;
  socket.on("message", (data: Buffer) => void messages.push(digest(data)));
  socket.on("error", () => {
    failed = true;
  });
  const code = await new Promise<number>((resolve) => socket.once("close", resolve));
  return { messages, isInOrder: !failed && inOrder(code) };
}

async function seenByOurs(connection: WebSocketConnection): Promise<Seen> {
  const messages: string[] = [];
  try {
    for await (const message of connection) messages.push(digest(message));
  } catch {
    // Told by `closed` as well.
  }
  const { error } = await connection.closed;
  return { messages, isInOrder: error === undefined };
}

const count = Object.values(groups).flat().length;

test(`there are at least 300 cases, each with a name of its own: ${count}`, () => {
  assert.ok(count >= 300);
  for (const cases of Object.values(groups)) {
    assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length);
  }
});

suite("our server", () => {
  let ours: Listener<Uint8Array, Uint8Array, WebSocketConnection>;
  let plain: WebSocketServer;
  before(async () => {
    ours = await listen("ws://127.0.0.1:0/", { frameBytesMax: messageBytesMax });
    plain = new WebSocketServer({
      port: 0,
      host: "127.0.0.1",
      perMessageDeflate: false,
      maxPayload: messageBytesMax,
    });
    await once(plain, "listening");
  });
  after(async () => {
    await ours.close();
    plain.close();
  });

  async function played(wireCase: WireCase) {
    const accepting = once(plain, "connection") as Promise<[WebSocket]>;
    const atPlain = accepting.then(([socket]) => seenByPlain(socket));
    const plainAnswer = await playToServer((plain.address() as net.AddressInfo).port, wireCase);
    const atOurs = ours.accept().then((connection) => seenByOurs(connection as WebSocketConnection));
    const ourAnswer = await playToServer(Number(new URL(ours.endpoint).port), wireCase);
    return [await atOurs, ourAnswer, await atPlain, plainAnswer] as const;
  }
  tell(played);
});

suite("our client", () => {
  let server: net.Server;
  before(async () => {
    server = net.createServer({ allowHalfOpen: false }).listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => void server.close());

  async function played(wireCase: WireCase) {
    const { port } = server.address() as net.AddressInfo;
    const url = `ws://127.0.0.1:${port}/` as const;
    const toPlain = once(server, "connection") as Promise<[net.Socket]>;
    const socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: messageBytesMax });
    const atPlain = seenByPlain(socket);
    const plainAnswer = await playToClient((await toPlain)[0], wireCase);
    const toOurs = once(server, "connection") as Promise<[net.Socket]>;
    const atOurs = connect(url, { frameBytesMax: messageBytesMax }).then(seenByOurs);
    const ourAnswer = await playToClient((await toOurs)[0], wireCase);
    return [await atOurs, ourAnswer, await atPlain, plainAnswer] as const;
  }
  tell(played);
});

type Played = (wireCase: WireCase) => Promise<readonly [Seen, Answer, Seen, Answer]>;

function tell(played: Played): void {
  for (const [group, cases] of Object.entries(groups)) {
    test(`${group}: ${cases.length} cases as plain ws has them`, async () => {
      for (const wireCase of cases) {
        const [seen, answer, plainSeen, plainAnswer] = await played(wireCase);
        assert.deepEqual(seen, plainSeen, `${wireCase.name}: what is seen`);
        assert.deepEqual(answer, plainAnswer, `${wireCase.name}: what comes back`);
      }
    });
  }
}
