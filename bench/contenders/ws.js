// ws: as its documentation shows it, and with its socket corked once per turn, the best that its user can write.

import { once } from "node:events";
import { setImmediate } from "node:timers/promises";

import { WebSocket, WebSocketServer } from "ws";

/** Messages per turn: beyond it neither form grows quicker. */
const burst = 512;

/** @type {import("./contender.js").Contender} */
export const ws = contender("ws", (socket) => (message) => socket.send(message));
/** @type {import("./contender.js").Contender} */
export const corked = contender("ws, corked", corkedSender);

/**
 * @param {string} name
 * @param {(socket: WebSocket) => (message: Uint8Array) => void} senderOf
 * @returns {import("./contender.js").Contender}
 */
function contender(name, senderOf) {
  return {
    name,
    async echo(onConnection) {
      const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
      server.on("connection", (socket) => {
        const onMessage = onConnection();
        const send = senderOf(socket);
        socket.on("message", (/** @type {Buffer} */ message) => {
          onMessage(message);
          send(message);
        });
      });
      return endpointOf(server);
    },
    async flood(flow) {
      const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
      const flooded = once(server, "connection").then(async ([socket]) => {
        const send = senderOf(socket);
        for (let message = flow.next(), sent = 1; message !== undefined; message = flow.next(), sent += 1) {
          send(message);
          // Its queue has no bound of its own.
          if (socket.bufferedAmount >= flow.heldBytesMax || sent % burst === 0) {
            do await setImmediate();
            while (socket.bufferedAmount >= flow.heldBytesMax);
          }
        }
      });
      return { endpoint: await endpointOf(server), flooded };
    },
    async open(endpoint, onMessage) {
      const socket = new WebSocket(endpoint);
      socket.on("message", onMessage);
      await once(socket, "open");
      return senderOf(socket);
    },
  };
}

/** @param {WebSocketServer} server */
async function endpointOf(server) {
  await once(server, "listening");
  return `ws://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
}

/** @param {WebSocket} socket @returns {(message: Uint8Array) => void} */
function corkedSender(socket) {
  const { _socket: inner } = /** @type {{ _socket: import("node:net").Socket }} */ (
    /** @type {unknown} */ (socket)
  );
  let isCorked = false;
  const uncork = () => {
    isCorked = false;
    inner.uncork();
  };
  return (message) => {
    if (!isCorked) {
      isCorked = true;
      inner.cork();
      process.nextTick(uncork);
    }
    socket.send(message);
  };
}
