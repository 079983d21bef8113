// TLS over TCP: a connection is handed out once its handshake is done.
// Invariant: a handshake that fails, or takes too long, affects no other connection and is told by its own listener.

import { setMaxListeners } from "node:events";

import { formatEndpoint, type InternetEndpoint, type WebSocketEndpoint } from "../core/endpoint.js";
import { SocketError, TimeoutError } from "../core/errors.js";
import { type ClosedBy, tell } from "../core/lifecycle.js";
import { limits } from "../core/limits.js";
import { acceptSockets } from "./accept.js";
import type { ByteStream } from "./byte-stream.js";
import { streamOf } from "./node-listener.js";
import { dialHost, listenOnHost } from "./tcp.js";
import { ClientTls } from "./tls/client.js";
import type { SecureSocket } from "./tls/handshake.js";
import { ServerTls } from "./tls/server.js";
import { TlsStream } from "./tls/tls-stream.js";
import type { DialOptions, ListenerOptions, StreamListener, Transport } from "./transport.js";

export const tls: Transport<InternetEndpoint> = { dial, listen };

async function dial(endpoint: InternetEndpoint, options: DialOptions): Promise<ByteStream> {
  return new TlsStream(await dialSecure(endpoint, options), options.readBytesMax);
}

/** Both the connection and the handshake, within one `timeoutMs`: what is inside is for whatever is spoken over TLS. */
export async function dialSecure(
  endpoint: InternetEndpoint | WebSocketEndpoint,
  options: DialOptions,
): Promise<SecureSocket> {
  const { clock, observer, signal } = options;
  const name = formatEndpoint(endpoint);
  const client = new ClientTls(options.tls, { endpoint: name, host: endpoint.host, clock });
  const deadline = clock.now() + options.timeoutMs;
  const stream = await dialHost(endpoint, options);
  const timeoutMs = Math.max(0, deadline - clock.now());
  try {
    const shake = { op: "connect", endpoint: name, clock, timeoutMs, signal } as const;
    return await client.secure(stream, shake);
  } catch (reason) {
    const { id, local, remote } = stream;
    const error = reason instanceof SocketError ? reason : undefined;
    tell(observer, { name: "closed", id, kind: "connection", local, remote, by: blamed(reason), error });
    throw reason;
  }
}

async function listen(
  endpoint: InternetEndpoint,
  options: ListenerOptions,
  onStream: (stream: ByteStream) => void,
): Promise<StreamListener> {
  const { clock, observer, readBytesMax } = options;
  const server = new ServerTls(options.tls, { endpoint: formatEndpoint(endpoint), clock });
  // Whoever is still in its handshake when the listener closes is nobody's.
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  const listener: StreamListener = await listenOnHost(endpoint, options, (kind) =>
    acceptSockets(kind, options, async (socket, names) => {
      const stream = streamOf(socket, names, readBytesMax);
      const shake = { op: "accept", endpoint: names.remote, clock, signal: closing.signal } as const;
      const secure = await server
        .secure(stream, { ...shake, timeoutMs: limits.handshakeMs })
        .catch((error) => {
          options.leave(names.remote);
          if (error instanceof SocketError) options.onRefused(error.message, listener, error);
        });
      if (secure === undefined) return;
      tell(observer, { name: "accepted", id: stream.id, kind: "connection", ...names });
      onStream(new TlsStream(secure, readBytesMax));
    }),
  );
  return {
    id: listener.id,
    endpoint: listener.endpoint,
    close() {
      closing.abort();
      return listener.close();
    },
  };
}

function blamed(error: unknown): ClosedBy {
  if (error instanceof TimeoutError) return "network";
  return error instanceof SocketError ? "remote" : "local";
}
