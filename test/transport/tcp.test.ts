// TCP under the contracts: both families, and as it is where accepted sockets cannot be taken over.

import { test } from "node:test";
import { listenerContract } from "../../src/testing/listener-contract.js";
import { openPair } from "../../src/testing/open-pair.js";
import { streamContract } from "../../src/testing/stream-contract.js";
import { tcp } from "../../src/transport/tcp.js";
import { withoutTakeover } from "./takeover.js";

const loopback = { scheme: "tcp", host: "127.0.0.1", port: 0 } as const;
const loopback6 = { scheme: "tcp", host: "::1", port: 0 } as const;
const fallback: typeof tcp = {
  dial: tcp.dial,
  listen: (...args) => withoutTakeover(() => tcp.listen(...args)),
};

for (const [name, transport, endpoint] of [
  ["tcp over IPv4", tcp, loopback],
  ["tcp over IPv6", tcp, loopback6],
  ["tcp without takeover", fallback, loopback],
] as const) {
  streamContract(test, { name, open: () => openPair(transport, endpoint), resets: true });
  listenerContract(test, { name, transport, endpoint: () => endpoint });
}
