// TLS before HTTP: each socket that was admitted shakes hands first.
// Invariant: a handshake that fails, or takes too long, is told as a refusal of its listener, and affects nobody else.

import { setMaxListeners } from "node:events";
import type net from "node:net";

import { formatEndpoint, type WebSocketEndpoint } from "../core/endpoint.js";
import { SocketError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import type { SocketNames } from "./accept.js";
import type { HttpDoor, Under } from "./http-listener.js";
import { streamOf } from "./node-listener.js";
import type { SecureSocket } from "./tls/handshake.js";
import { ServerTls } from "./tls/server.js";
import type { ListenerOptions } from "./transport.js";

/** What is under the socket inside TLS, whoever has that now. */
export function under({ socket, wire }: Pick<SecureSocket, "socket" | "wire">): Under {
  // Of a server's side Node tells errors behind the handshake by this name only.
  socket.on("_tlsError", (error: Error) => socket.destroy(error));
  return {
    get error() {
      return wire.error;
    },
    cut() {
      wire.abort();
      socket.destroy();
    },
  };
}

export class SecureDoor {
  readonly #options: ListenerOptions;
  readonly #tls: ServerTls;
  readonly #closing = new AbortController();

  /** @throws UsageError for options that no handshake could be made with. */
  constructor(endpoint: WebSocketEndpoint, options: ListenerOptions) {
    this.#options = options;
    this.#tls = new ServerTls(options.tls, { endpoint: formatEndpoint(endpoint), clock: options.clock });
    setMaxListeners(0, this.#closing.signal);
  }

  async take(accepted: net.Socket, names: SocketNames, door: HttpDoor): Promise<void> {
    const { clock, readBytesMax, leave, onRefused } = this.#options;
    const { signal } = this.#closing;
    const shake = { op: "accept", endpoint: names.remote, clock, signal } as const;
    try {
      const stream = streamOf(accepted, names, readBytesMax);
      const secured = await this.#tls.secure(stream, { ...shake, timeoutMs: limits.handshakeMs });
      door.take(secured.socket, names, secured.tls, under(secured));
    } catch (error) {
      leave(names.remote);
      if (error instanceof SocketError) onRefused(error.message, door.name, error);
    }
  }

  /** Whoever is still in its handshake is nobody's. */
  close(): void {
    this.#closing.abort();
  }
}
