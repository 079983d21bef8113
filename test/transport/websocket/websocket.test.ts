// WebSocket under the contracts of every transport.

import { test } from "node:test";
import { listenerContract } from "../../../src/testing/listener-contract.js";
import { openPair } from "../../../src/testing/open-pair.js";
import { streamContract } from "../../../src/testing/stream-contract.js";
import { webSocket } from "../../../src/transport/websocket/websocket.js";

const loopback = { scheme: "ws", host: "127.0.0.1", port: 0, path: "/a" } as const;

streamContract(test, {
  name: "ws as bytes",
  open: () => openPair(webSocket, loopback),
  resets: true,
  halfCloses: false,
});
listenerContract(test, { name: "ws", transport: webSocket, endpoint: () => loopback });
