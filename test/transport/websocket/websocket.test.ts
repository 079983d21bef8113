// WebSocket under the contracts of every transport, in the clear and inside TLS.

import { test } from "node:test";
import { listenerContract } from "../../../src/testing/listener-contract.js";
import { openPair } from "../../../src/testing/open-pair.js";
import { streamContract } from "../../../src/testing/stream-contract.js";
import type { Transport } from "../../../src/transport/transport.js";
import { webSocket } from "../../../src/transport/websocket/websocket.js";
import { Authority } from "../../support/certificates.js";

const authority = await Authority.create();
const tls = { ca: authority.cert, ...(await authority.issue("a server")) };
const secured: Transport = {
  dial: (endpoint, options) => webSocket.dial(endpoint as never, { ...options, tls }),
  listen: (endpoint, options, onStream) => webSocket.listen(endpoint as never, { ...options, tls }, onStream),
};

for (const [name, transport] of [
  ["ws", webSocket as Transport],
  ["wss", secured],
] as const) {
  const endpoint = { scheme: name, host: "127.0.0.1", port: 0, path: "/a" } as const;
  streamContract(test, {
    name: `${name} as bytes`,
    open: () => openPair(transport, endpoint),
    resets: true,
    halfCloses: false,
  });
  listenerContract(test, { name, transport, endpoint: () => endpoint });
}
