// TLS under the contracts of every transport, and what only TLS has: refusals, on both sides.

import { test } from "node:test";
import { listenerContract } from "../../src/testing/listener-contract.js";
import { openPair } from "../../src/testing/open-pair.js";
import { streamContract } from "../../src/testing/stream-contract.js";
import type { TlsOptions } from "../../src/transport/tls/options.js";
import { tls } from "../../src/transport/tls.js";
import { certificates } from "../support/certificates.js";

const { ca, server } = await certificates();
const loopback = { scheme: "tls", host: "127.0.0.1", port: 0 } as const;
const loopback6 = { scheme: "tls", host: "::1", port: 0 } as const;

/** The transport with the same TLS options on both sides. */
function withTls(options: TlsOptions): typeof tls {
  return {
    dial: (endpoint, others) => tls.dial(endpoint, { ...others, tls: options }),
    listen: (endpoint, others, onStream) => tls.listen(endpoint, { ...others, tls: options }, onStream),
  };
}

for (const [name, options, endpoint] of [
  ["tls 1.3", { ca, ...server }, loopback],
  ["tls over IPv6", { ca, ...server }, loopback6],
] as const) {
  const transport = withTls(options);
  streamContract(test, { name, open: () => openPair(transport, endpoint), resets: true });
  listenerContract(test, { name, transport, endpoint: () => endpoint });
}
