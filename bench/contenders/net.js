// node:net as one writes it at first: a length in front, one write per message, Buffer.concat to put chunks together.

import { once } from "node:events";
import net from "node:net";
import { setImmediate } from "node:timers/promises";

/** Messages per turn, as for ws. */
const burst = 512;

export const naive = lengthPrefixedOver({
  name: "node:net",
  connect: async (port) => {
    const socket = net.connect({ host: "127.0.0.1", port, noDelay: true });
    await once(socket, "connect");
    return socket;
  },
  listen: async (onSocket) => net.createServer(onSocket),
});

/**
 * @typedef {object} Medium
 * @property {string} name
 * @property {(port: number) => Promise<net.Socket>} connect
 * @property {(onSocket: (socket: net.Socket) => void) => Promise<net.Server>} listen
 */

/** The same program over TCP and over TLS. @param {Medium} medium @returns {import("./contender.js").Contender} */
export function lengthPrefixedOver({ name, connect, listen }) {
  return {
    name,
    echo: async (onConnection) =>
      endpointOf(
        await listen((socket) => {
          const onMessage = onConnection();
          read(socket, (message) => {
            onMessage(message);
            socket.write(framed(message));
          });
        }),
      ),
    async flood(flow) {
      /** @type {(socket: net.Socket) => void} */
      let onSocket = () => {};
      const arrived = new Promise((/** @type {(socket: net.Socket) => void} */ resolve) => {
        onSocket = resolve;
      });
      const server = await listen(onSocket);
      const flooded = arrived.then(async (socket) => {
        for (let message = flow.next(), sent = 1; message !== undefined; message = flow.next(), sent += 1) {
          if (!socket.write(framed(message))) await once(socket, "drain");
          // Writes that are done at once never wait, and the process would do nothing else.
          else if (sent % burst === 0) await setImmediate();
        }
      });
      return { endpoint: await endpointOf(server), flooded };
    },
    async open(endpoint, onMessage) {
      const socket = await connect(Number(new URL(endpoint).port));
      read(socket, onMessage);
      return (message) => void socket.write(framed(message));
    },
  };
}

/** @param {net.Server} server */
async function endpointOf(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `tcp://127.0.0.1:${/** @type {net.AddressInfo} */ (server.address()).port}`;
}

/** @param {Uint8Array} message */
function framed(message) {
  const frame = Buffer.allocUnsafe(4 + message.length);
  frame.writeUInt32BE(message.length, 0);
  frame.set(message, 4);
  return frame;
}

/** @param {net.Socket} socket @param {(message: Buffer) => void} onMessage */
function read(socket, onMessage) {
  let unread = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    unread = Buffer.concat([unread, chunk]);
    while (unread.length >= 4) {
      const end = 4 + unread.readUInt32BE(0);
      if (unread.length < end) return;
      onMessage(unread.subarray(4, end));
      unread = unread.subarray(end);
    }
  });
}
