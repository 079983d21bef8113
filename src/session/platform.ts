// What the client's side of a session needs of where it runs: Node has every endpoint, a browser has WebSocket.
// Invariant: nothing that imports this reaches a platform by itself.

import type { Wakes } from "../core/clock.js";
import type { Endpoint } from "../core/endpoint.js";
import type { MemoryNetwork } from "../transport/memory.js";
import type { Dialer } from "../transport/transport.js";

export interface Platform {
  /** @throws UsageError for an endpoint that nothing here can dial. */
  dialer(endpoint: Endpoint, op: string, network: MemoryNetwork | undefined): Dialer;
  /** Links are in doubt then, and pauses are over. */
  readonly wakes?: Wakes | undefined;
}
