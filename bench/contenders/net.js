// node:net as one writes it at first: a length in front, one write per message, Buffer.concat to put chunks together.

import { once } from "node:events";
import net from "node:net";

/** @type {import("./contender.js").Contender} */
export const naive = {
  name: "node:net",
  async serve(onConnection, echo) {
    const server = net.createServer((socket) => {
      const onMessage = onConnection();
      read(socket, (message) => {
        onMessage(message);
        if (echo) socket.write(framed(message));
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return `tcp://127.0.0.1:${/** @type {net.AddressInfo} */ (server.address()).port}`;
  },
  async flood(endpoint, flow) {
    const socket = await dial(endpoint);
    socket.resume();
    for (let message = flow.next(); message !== undefined; message = flow.next()) {
      if (!socket.write(framed(message))) await once(socket, "drain");
    }
    socket.end();
    await once(socket, "close");
  },
  async open(endpoint, onMessage) {
    const socket = await dial(endpoint);
    read(socket, onMessage);
    return (message) => void socket.write(framed(message));
  },
};

/** @param {string} endpoint */
async function dial(endpoint) {
  const { hostname, port } = new URL(endpoint);
  const socket = net.connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, "connect");
  return socket;
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
