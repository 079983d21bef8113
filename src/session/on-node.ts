// Sessions opened from Node: over whatever the transports reach.

import { isIpv4, isIpv6, parseEndpoint } from "../core/endpoint.js";
import { UsageError } from "../core/errors.js";
import { streamTransport } from "../transport/index.js";
import { type KeptSession, keepSessionFrom } from "./keep-session.js";
import { openSessionFrom } from "./open-session.js";
import type { OpenSessionOptions } from "./options.js";
import type { Platform } from "./platform.js";
import type { Session } from "./session.js";

export const node: Platform = {
  wayTo(endpoint, { network, sourceAddress }) {
    const parsed = parseEndpoint(endpoint);
    const transport = streamTransport(parsed, "connect", network);
    if (sourceAddress !== undefined && !isIpv4(sourceAddress) && !isIpv6(sourceAddress)) {
      const context = { op: "connect", endpoint, advice: "give one of this machine's own addresses" };
      throw new UsageError(`sourceAddress must be an IP address, got "${sourceAddress}"`, context);
    }
    return (options) => transport.dial(parsed, options);
  },
};

/** As in index.ts. */
export function openSession<Send = Uint8Array, Receive = Send>(
  endpoint: string,
  options: OpenSessionOptions<Send, Receive> = {},
): Promise<Session<Send, Receive>> {
  return openSessionFrom(node, endpoint, options);
}

/** As in index.ts. */
export function keepSession<Send = Uint8Array, Receive = Send>(
  endpoint: string,
  options: OpenSessionOptions<Send, Receive> = {},
): AsyncGenerator<KeptSession<Send, Receive>, void> {
  return keepSessionFrom(node, endpoint, options);
}
