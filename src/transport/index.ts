// Which transport carries which scheme: the one place that knows them all.

import type { Endpoint } from "../core/endpoint.js";
import { formatEndpoint } from "../core/endpoint.js";
import { UsageError } from "../core/errors.js";
import { memory } from "./memory.js";
import { tcp } from "./tcp.js";
import type { Transport } from "./transport.js";
import { unix } from "./unix.js";

/** @throws UsageError for a scheme that carries no streams, or not yet. */
export function streamTransport(endpoint: Endpoint, op: string): Transport {
  switch (endpoint.scheme) {
    case "tcp":
      return tcp as Transport;
    case "unix":
      return unix as Transport;
    case "memory":
      return memory as Transport;
    case "udp":
      throw new UsageError("UDP carries datagrams, not streams", {
        op,
        endpoint: formatEndpoint(endpoint),
        advice: "use bind()",
      });
    default:
      throw new UsageError(`${endpoint.scheme}:// is not built yet`, {
        op,
        endpoint: formatEndpoint(endpoint),
        advice: "use tcp://, unix: or memory: in this version",
      });
  }
}
