// Which transport carries which scheme: the one place that knows them all.

import { type Endpoint, formatEndpoint, type Scheme, type WebSocketEndpoint } from "../core/endpoint.js";
import { UsageError } from "../core/errors.js";
import { type MemoryNetwork, memory } from "./memory.js";
import { tcp } from "./tcp.js";
import { tls } from "./tls.js";
import type { Transport } from "./transport.js";
import { unix } from "./unix.js";

/** Loads `ws` and Node's HTTP when the first endpoint of theirs is used. */
const webSocket: Transport<WebSocketEndpoint> = {
  dial: async (...args) => (await import("./websocket/websocket.js")).webSocket.dial(...args),
  listen: async (...args) => (await import("./websocket/websocket.js")).webSocket.listen(...args),
};

/** Each gets endpoints of its own scheme only. */
const transports: { readonly [S in Exclude<Scheme, "memory" | "udp">]: Transport } = {
  tcp,
  tls,
  unix,
  ws: webSocket,
  wss: webSocket,
};

/**
 * @param network The one that `memory:` endpoints are on.
 * @throws UsageError for a scheme that carries no streams.
 */
export function streamTransport(endpoint: Endpoint, op: string, network: MemoryNetwork = memory): Transport {
  const { scheme } = endpoint;
  if (scheme === "memory") return network;
  if (scheme !== "udp") return transports[scheme];
  const context = { op, endpoint: formatEndpoint(endpoint), advice: "use bind()" };
  throw new UsageError("UDP carries datagrams, not streams", context);
}
