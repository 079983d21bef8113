// One TLS handshake over a byte stream, by whichever side.
// Invariant: it comes to a socket that is in the caller's hands, or the stream is released and the error says why.

import type { TLSSocket } from "node:tls";

import type { Clock } from "../../core/clock.js";
import { withDeadline } from "../../core/deadline.js";
import { CertificateError, DisconnectedError, ProtocolError, TimeoutError } from "../../core/errors.js";
import { looksLikeHttp, recognizePeer } from "../../protocol/foreign.js";
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
  /** What came before TLS was begun, and belongs to it. */
  readonly unread?: Uint8Array | undefined;
}

export interface HandshakeSide {
  /** The event with which Node says that it is done. */
  readonly done: "secureConnect" | "secure";
  readonly open: (wire: Wire) => TLSSocket;
  /** @throws what is wrong with the peer that the handshake has let pass. */
  readonly finish: (socket: TLSSocket, wire: Wire) => SecureSocket;
  /** Tells the peer that we do not take its certificate, where Node does not. */
  readonly refuse?: (wire: Wire, socket: TLSSocket, error: CertificateError) => void;
}

/**
 * @param stream Not started, or started by somebody whose place the handshake takes.
 * @throws CertificateError, RefusedError, ProtocolError, DisconnectedError, TimeoutError; the signal's own reason.
 */
export function shakeHands(
  stream: ByteStream,
  side: HandshakeSide,
  options: HandshakeOptions,
): Promise<SecureSocket> {
  const { op, endpoint, clock, timeoutMs, signal } = options;
  const context = { op, endpoint };
  if (signal?.aborted) stream.abort();
  return withDeadline((stop) => attempt(stream, side, options, stop), {
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
  { op, endpoint, unread = new Uint8Array(0) }: HandshakeOptions,
  stop: AbortSignal,
): Promise<SecureSocket> {
  return new Promise((resolve, reject) => {
    const wire = new Wire(stream, (first) => {
      if (mayBeTls(first)) return undefined;
      return op === "startTls" ? clearTextError() : foreignError(first);
    });
    let isOver = false;
    const settle = () => {
      isOver = true;
      stop.removeEventListener("abort", abort);
    };
    const fail = (error: unknown) => {
      if (isOver) return;
      settle();
      const told = tlsError(wire.error ?? error, {}).locate(op, endpoint);
      if (told instanceof CertificateError) side.refuse?.(wire, socket, told);
      socket.destroy();
      wire.destroy();
      reject(told);
    };
    const abort = () => {
      if (isOver) return;
      settle();
      wire.abort();
      socket.destroy();
      reject(stop.reason);
    };
    stream.start(wire);
    if (unread.length > 0) wire.onChunk(unread);
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
function foreignError(first: Uint8Array): ProtocolError {
  const what = looksLikeHttp(first) ? "HTTP in the clear" : "something that is no TLS";
  const advice = "check the port, or use the same endpoint without TLS if that is what is spoken there";
  return new ProtocolError("ERR_INVALID_BYTES", "remote", `the peer speaks ${what}`, { advice });
}

/** What would be as if it had been said inside TLS, though anybody on the way may have put it there (CVE-2011-0411). */
export function clearTextError(): ProtocolError {
  const advice = "let nothing be sent between the request for TLS and TLS itself";
  return new ProtocolError("ERR_CLEAR_TEXT", "remote", "clear text came where TLS was to begin", { advice });
}

/** Whether TLS may begin so; the first byte says as much as they all. */
export function mayBeTls(first: Uint8Array): boolean {
  return (recognizePeer(first, false) ?? "tls") === "tls";
}
