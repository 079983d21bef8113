// One TLS handshake over a byte stream, by whichever side.
// Invariant: it comes to a socket that is in the caller's hands, or the stream is released and the error says why.

import type { TLSSocket } from "node:tls";

import type { Clock } from "../../core/clock.js";
import { withDeadline } from "../../core/deadline.js";
import { DisconnectedError, ProtocolError, type SocketError, TimeoutError } from "../../core/errors.js";
import { recognizePeer } from "../../protocol/foreign.js";
import type { ByteStream } from "../byte-stream.js";
import type { TlsState } from "./state.js";
import { tlsError } from "./tls-error.js";
import { Wire } from "./wire.js";

/** A connection inside TLS, as Node has it; `TlsStream` makes a byte stream of it. */
export interface SecureSocket {
  readonly socket: TLSSocket;
  readonly wire: Wire;
  readonly tls: TlsState;
  /**
   * What the peer will judge that cannot say so: a server that asked for our certificate, which TLS 1.3 lets it refuse
   * when we are done; a client that verifies ours.
   */
  readonly judge: "server" | "client" | undefined;
}

export interface HandshakeOptions {
  readonly op: "connect" | "accept" | "startTls";
  /** For errors. */
  readonly endpoint: string;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface HandshakeSide {
  /** The event with which Node says that it is done. */
  readonly done: "secureConnect" | "secure";
  readonly open: (wire: Wire) => TLSSocket;
  /** @throws what is wrong with the peer that the handshake has let pass. */
  readonly finish: (socket: TLSSocket, wire: Wire) => SecureSocket;
}

/**
 * @param stream Not started, or started by somebody whose place the handshake takes.
 * @throws CertificateError, RefusedError, ProtocolError, DisconnectedError, TimeoutError; the signal's own reason.
 */
export function shakeHands(
  stream: ByteStream,
  side: HandshakeSide,
  { op, endpoint, clock, timeoutMs, signal }: HandshakeOptions,
): Promise<SecureSocket> {
  const context = { op, endpoint };
  return withDeadline((stop) => attempt(stream, side, { ...context, stop }), {
    clock,
    timeoutMs,
    signal,
    onTimeout: () => new TimeoutError(timeoutMs, `no TLS handshake within ${timeoutMs} ms`, context),
    onLate: ({ wire }) => wire.abort(),
  });
}

function attempt(
  stream: ByteStream,
  side: HandshakeSide,
  { op, endpoint, stop }: { op: string; endpoint: string; stop: AbortSignal },
): Promise<SecureSocket> {
  return new Promise((resolve, reject) => {
    const wire = new Wire(stream, foreignError);
    let isOver = false;
    const settle = () => {
      isOver = true;
      stop.removeEventListener("abort", abort);
    };
    const fail = (error: unknown) => {
      if (isOver) return;
      settle();
      socket.destroy();
      wire.destroy();
      reject(tlsError(wire.error ?? error, {}).locate(op, endpoint));
    };
    const abort = () => {
      if (isOver) return;
      settle();
      wire.abort();
      socket.destroy();
      reject(stop.reason);
    };
    stream.start(wire);
    const socket = side.open(wire);
    // For good: behind the handshake somebody else looks, but no error may be nobody's.
    socket.on("error", fail);
    socket.once("close", () => fail(lost()));
    // An alert that came before the end is told a moment later.
    wire.once("end", () => setImmediate(fail, lost()));
    socket.once(side.done, () => {
      try {
        const secure = side.finish(socket, wire);
        settle();
        resolve(secure);
      } catch (error) {
        fail(error);
      }
    });
    stop.addEventListener("abort", abort, { once: true });
    if (stop.aborted) abort();
  });
}

function lost(): DisconnectedError {
  const reason = "the peer ended the connection in the TLS handshake";
  const advice = "check that TLS is spoken at this port, and that each side trusts the other's certificate";
  return new DisconnectedError("ERR_CONNECTION_LOST", reason, { advice });
}

/** Before OpenSSL sees them, which takes some of it for a version that it does not know. */
function foreignError(first: Uint8Array): SocketError | undefined {
  const who = recognizePeer(first, false) ?? "tls";
  if (who === "tls") return undefined;
  const what = who === "http" ? "HTTP in the clear" : "something that is no TLS";
  const advice = "check the port, or use the same endpoint without TLS if that is what is spoken there";
  return new ProtocolError("ERR_INVALID_BYTES", "remote", `the peer speaks ${what}`, { advice });
}
