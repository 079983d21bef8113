// The byte stream inside TLS.
// Invariant: an end that the peer has not announced (close_notify, RFC 8446 section 6.1) is no end but a break: anybody on
// the way could have made it.

import type { TLSSocket } from "node:tls";

import { DisconnectedError, RefusedError, type SocketError } from "../../core/errors.js";
import type { ByteStream, ByteStreamSink } from "../byte-stream.js";
import { inPieces } from "../node-stream.js";
import type { SecureSocket } from "./handshake.js";
import type { TlsState } from "./state.js";
import { tlsError } from "./tls-error.js";
import type { Wire } from "./wire.js";

export class TlsStream implements ByteStream {
  readonly id: number;
  readonly local: string;
  readonly remote: string;
  readonly tls: TlsState;
  readonly #socket: TLSSocket;
  readonly #wire: Wire;
  readonly #readBytesMax: number;
  /** Who may have meant to refuse by a break before the first byte. */
  readonly #judge: SecureSocket["judge"];
  readonly #onWritten: (error?: Error | null) => void;
  #sink: ByteStreamSink | undefined;
  #isReleased = false;
  #isAnnounced = false;
  #hasRead = false;
  #hasEnded = false;
  #error: SocketError | undefined;

  constructor({ socket, wire, tls, judge }: SecureSocket, readBytesMax: number) {
    const { id, local, remote } = wire.stream;
    this.id = id;
    this.local = local;
    this.remote = remote;
    this.tls = tls;
    this.#socket = socket;
    this.#wire = wire;
    this.#readBytesMax = readBytesMax;
    this.#judge = judge;
    this.#onWritten = (error) => {
      // Node tells of a write that was given up as well.
      if (!error && !this.#isReleased && !socket.destroyed) this.#sink?.onWritten();
    };
    const fail = (error: Error) => {
      this.#error ??= tlsError(error, { endpoint: remote });
      socket.destroy();
    };
    // Of a server's side Node tells errors behind the handshake by the first name only.
    socket.on("_tlsError", fail).on("error", fail);
    socket.once("close", () => this.#closed());
    // Before Node's own listener, which passes it on to TLS as if it were an announced end.
    wire.prependOnceListener("end", () => {
      this.#isAnnounced ||= isEndKnown(socket);
    });
  }

  start(sink: ByteStreamSink): void {
    this.#sink = sink;
    const socket = this.#socket;
    if (socket.destroyed) {
      queueMicrotask(() => this.#closed());
      return;
    }
    socket.on("data", (chunk: Uint8Array) => {
      this.#hasRead = true;
      inPieces(socket, chunk, this.#readBytesMax, (piece) => {
        if (!this.#isReleased) sink.onChunk(piece);
      });
    });
    // An end that came with the handshake's last flight has been told already.
    if (socket.readableEnded) queueMicrotask(() => this.#ended());
    else socket.once("end", () => this.#ended());
    socket.resume();
  }

  write(chunk: Uint8Array): boolean {
    this.#socket.write(chunk, this.#onWritten);
    return false;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  release(): void {
    this.#isReleased = true;
    this.#wire.release();
  }

  abort(): void {
    this.#isReleased = true;
    this.#wire.abort();
    this.#socket.destroy();
  }

  #ended(): void {
    if (this.#isReleased) return;
    // A reset right behind other bytes looks like an end, until a write under way fails a moment later.
    if (!this.#isAnnounced && this.#wire.readableEnded)
      return void setImmediate(() => this.#socket.destroy());
    this.#hasEnded = true;
    this.#sink?.onEnd();
  }

  #closed(): void {
    const sink = this.#sink;
    this.#sink = undefined;
    sink?.onClosed(this.#isReleased ? undefined : this.#failure());
  }

  #failure(): SocketError | undefined {
    const error = this.#error ?? this.#wire.error ?? (this.#hasEnded ? undefined : cutShort(this.remote));
    return this.#hasRead || error === undefined ? error : earlyError(error, this.#judge);
  }
}

/** Cut before the first byte: what a peer does that does not take our certificate, and has no way to say so. */
export function earlyError(error: SocketError, judge: SecureSocket["judge"]): SocketError {
  if (!(error instanceof DisconnectedError)) return error;
  const { op, endpoint, reason, code } = error;
  if (judge === "server") {
    const why = "the server asked for our certificate, and cut the connection before its first byte";
    const advice = "give it a certificate (cert, key) of an authority that it trusts";
    return new RefusedError(why, { op, endpoint, advice, cause: error });
  }
  if (judge === undefined) return error;
  const advice = "a client that does not trust our certificate leaves like this";
  return new DisconnectedError(code, reason, { op, endpoint, advice, cause: error });
}

function cutShort(endpoint: string): DisconnectedError {
  const reason = "the connection ended without TLS's close_notify, so what came may not be all";
  const advice = "let the peer close TLS before it closes the socket (unwrap() in Python)";
  return new DisconnectedError("ERR_TRUNCATED", reason, { endpoint, advice });
}

/** TLS has been told of its end; the reader may not have come there yet. */
function isEndKnown(socket: TLSSocket): boolean {
  return (socket as unknown as { readonly _readableState: { readonly ended: boolean } })._readableState.ended;
}
