// TLS begun in the middle of a connection, as STARTTLS does (RFC 3207, RFC 4642, …).
// Invariant: nothing that came in the clear is ever taken for something said inside TLS.

import { UsageError } from "../core/errors.js";
import { limit } from "../core/limits.js";
import { ClientTls } from "../transport/tls/client.js";
import { clearTextError, mayBeTls } from "../transport/tls/handshake.js";
import type { TlsOptions } from "../transport/tls/options.js";
import { ServerTls } from "../transport/tls/server.js";
import { TlsStream } from "../transport/tls/tls-stream.js";
import type { Link } from "./link.js";

export interface StartTlsOptions<Send> {
  /** What accepted the connection: the last words in the clear (`220 ready`), behind which the handshake begins. */
  readonly announce?: Send | undefined;
  /** For the handshake. Default: 10 s where we dialled, 5 s where we were dialled. */
  readonly timeoutMs?: number | undefined;
  /** Gives up; the connection is cut then. */
  readonly signal?: AbortSignal | undefined;
}

/** Made once for the same options, so that files are read once for all connections, and sessions can be continued. */
const servers = new WeakMap<TlsOptions, ServerTls>();

/**
 * Checks all that can be checked before a byte is sent.
 * @returns what begins TLS on the link; the connection has ended if it rejects.
 * @throws UsageError; nothing has happened then. ProtocolError (`ERR_CLEAR_TEXT`); the connection is cut then.
 */
export function prepareTls(
  link: Link,
  tls: TlsOptions,
  options: Pick<StartTlsOptions<never>, "timeoutMs" | "signal">,
  readBytesMax: number,
): () => Promise<void> {
  const { stream, dialled, clock, remote } = link;
  const context = { op: "startTls", endpoint: remote };
  if (stream.tls !== undefined) throw new UsageError("TLS is spoken here already", context);
  if (stream.request !== undefined) {
    throw new UsageError("a WebSocket cannot begin TLS", { ...context, advice: "use wss://" });
  }
  const side =
    dialled === undefined ? serverOf(link, tls) : new ClientTls(tls, { ...context, ...dialled, clock });
  const isClient = dialled !== undefined;
  const timeoutMs = limit(isClient ? "timeoutMs" : "handshakeMs", options.timeoutMs, "timeoutMs");
  const handshake = { op: "startTls", endpoint: remote, clock, timeoutMs, signal: options.signal } as const;
  const check = (unread: Uint8Array) => {
    // To one who dialled nothing may come; one who was dialled may have been sent the ClientHello at once.
    const isClear = unread.length > 0 && (isClient || !mayBeTls(unread));
    return isClear ? clearTextError().locate(context.op, remote) : undefined;
  };
  const error = check(link.input.peek());
  if (error !== undefined) {
    link.refuse(error);
    throw error;
  }
  return () =>
    link.secure(async (under, unread) => {
      const error = check(unread);
      if (error !== undefined) {
        under.abort();
        throw error;
      }
      return new TlsStream(await side.secure(under, { ...handshake, unread }), readBytesMax);
    });
}

function serverOf({ remote: endpoint, clock }: Link, tls: TlsOptions): ServerTls {
  const server = servers.get(tls) ?? new ServerTls(tls, { op: "startTls", endpoint, clock });
  servers.set(tls, server);
  return server;
}
