// Socket.IO under cuts, as its documentation writes it, and with each of the two things that it offers against loss.
// https://socket.io/docs/v4/delivery-guarantees and https://socket.io/docs/v4/connection-state-recovery

import { once } from "node:events";
import { createServer } from "node:http";

import { Server } from "socket.io";
import { io } from "socket.io-client";

/** Its defaults, 1 to 5 s, would only make each outage longer. */
const redial = { reconnectionDelay: 10, reconnectionDelayMax: 100 };
const ways = "WebSocket alone, dials again after 10 to 100 ms; the server emits to all";

/** @type {import("../../dist/cli/demo/contender.js").Contender} */
export const socketIo = contender("socket.io", ways, () => ({}));

/** @type {import("../../dist/cli/demo/contender.js").Contender} */
export const socketIoRecovery = contender(
  "socket.io, recovery",
  "the same, and connectionStateRecovery on the server",
  () => ({ server: { connectionStateRecovery: {} } }),
);

/** @type {import("../../dist/cli/demo/contender.js").Contender} */
export const socketIoRetries = contender(
  "socket.io, retries",
  "the same with recovery, and retries (1,000) with an ackTimeout as long as a dead link's on the client",
  ({ deadAfterMs }) => ({
    server: { connectionStateRecovery: {} },
    client: { retries: 1_000, ackTimeout: deadAfterMs },
  }),
);

/**
 * @param {string} name
 * @param {string} settings
 * @param {(heartbeat: import("../../dist/cli/demo/contender.js").Heartbeat) =>
 *   { server?: Partial<import("socket.io").ServerOptions>, client?: object }} more
 * @returns {import("../../dist/cli/demo/contender.js").Contender}
 */
function contender(name, settings, more) {
  return {
    name,
    settings,
    isExact: false,
    async open({ heartbeat, through, delivered }) {
      const { pingAfterMs, deadAfterMs } = heartbeat;
      const options = more(heartbeat);
      const http = createServer();
      const server = new Server(http, {
        transports: ["websocket"],
        // Either side then takes a link for dead after deadAfterMs.
        pingInterval: pingAfterMs,
        pingTimeout: deadAfterMs - pingAfterMs,
        ...options.server,
      });
      server.on("connection", (socket) => {
        socket.on("up", (message, acknowledge) => {
          delivered("up", message);
          acknowledge?.();
        });
      });
      http.listen(0, "127.0.0.1");
      await once(http, "listening");
      const { port } = /** @type {import("node:net").AddressInfo} */ (http.address());
      const endpoint = await through(`tcp://127.0.0.1:${port}`);
      const client = io(endpoint.replace("tcp:", "http:"), {
        transports: ["websocket"],
        timeout: deadAfterMs,
        ...redial,
        ...options.client,
      });
      client.on("down", (message) => delivered("down", message));
      await new Promise((resolve) => client.once("connect", () => resolve(undefined)));
      return {
        send(direction, message) {
          if (direction === "up") client.emit("up", message);
          else server.emit("down", message);
        },
        async close() {
          client.close();
          await server.close();
        },
      };
    },
  };
}
