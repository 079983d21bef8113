// node:tls as one writes it at first, which is node:net's program with another socket.

import { once } from "node:events";
import tls from "node:tls";

import { certificate } from "./certificate.js";
import { lengthPrefixedOver } from "./net.js";

export const naiveTls = lengthPrefixedOver({
  name: "node:tls",
  connect: async (port) => {
    const socket = tls.connect({ host: "127.0.0.1", port, rejectUnauthorized: false });
    await once(socket, "secureConnect");
    return socket.setNoDelay(true);
  },
  listen: async (onSocket) => tls.createServer(await certificate(), onSocket),
});
