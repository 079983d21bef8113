// What the client's side of a session needs of where it runs: Node has every endpoint, a browser has WebSocket.
// Invariant: nothing that imports this reaches a platform by itself.

import type { Wakes } from "../core/clock.js";
import type { ByteStream } from "../transport/byte-stream.js";
import type { DialOptions } from "../transport/transport.js";
import type { OpenSessionOptions } from "./options.js";

/** One attempt to connect, as `Transport` has it. */
export type Dial = (options: DialOptions) => Promise<ByteStream>;

export interface Platform {
  /** The way to an endpoint. @throws UsageError for one, or for an option, that nothing can be done with from here. */
  wayTo(endpoint: string, options: OpenSessionOptions<never, unknown>): Dial;
  /** Links are in doubt then, and pauses are over. */
  readonly wakes?: Wakes | undefined;
}
