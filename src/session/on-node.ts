// Sessions opened from Node: over whatever the transports reach.

import { checkDial } from "../connection/connect.js";
import { parseEndpoint } from "../core/endpoint.js";
import { streamTransport } from "../transport/index.js";
import { type KeptSession, keepSessionFrom } from "./keep-session.js";
import { openSessionFrom } from "./open-session.js";
import type { OpenSessionOptions } from "./options.js";
import type { Platform } from "./platform.js";
import type { Session } from "./session.js";

export const node: Platform = {
  wayTo(endpoint, options) {
    const parsed = parseEndpoint(endpoint);
    const transport = streamTransport(parsed, "connect", options.network);
    checkDial(parsed, options);
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
