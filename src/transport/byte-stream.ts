// The contract of every stream transport: bytes pushed in both directions, and nothing of messages.
// Invariant: at most one write is under way, so a transport never buffers more than the caller gave it.

import type { SocketError } from "../core/errors.js";
import type { TlsState } from "./tls/state.js";
import type { UpgradeRequest } from "./websocket/request.js";

export interface ByteStream {
  /** Unique in this process; the same in every life-cycle event. */
  readonly id: number;
  /** Our end and the peer's, as endpoints. */
  readonly local: string;
  readonly remote: string;
  /** Inside TLS: what was agreed, and who the peer is. */
  readonly tls?: TlsState | undefined;
  /** Begun as an HTTP upgrade: what the client asked for. */
  readonly request?: UpgradeRequest | undefined;
  /** True: both ways its bytes are records, each a WebSocket message (`protocol/framing/records.ts`). */
  readonly carriesRecords?: boolean | undefined;
  /**
   * Begins delivery to `sink`. Before it nothing is read, so nothing is lost. TCP, Unix and memory streams may be started
   * again while they are open: all that follows is for the other sink then.
   */
  start(sink: ByteStreamSink): void;
  /**
   * Hands over all of `chunk`, which must not be empty. True: it is written and the memory is the caller's again.
   * False: it is under way, the memory stays the transport's until `sink.onWritten`. Only one write at a time;
   * none after `end` or `abort`.
   */
  write(chunk: Uint8Array): boolean;
  /** No `onChunk` until `resume`. The end may go unnoticed meanwhile. */
  pause(): void;
  resume(): void;
  /** Half-close: no more writes. What was handed over is still written first. */
  end(): void;
  /** After `end`: release now without a reset; what the system has taken is still sent. `onClosed` follows. */
  release(): void;
  /**
   * Release now: unsent bytes are dropped, and where the transport can, the peer sees a reset. `onClosed` follows.
   * @param refusal What the peer sent and should not have: told to it where the transport can (WebSocket's close codes).
   */
  abort(refusal?: SocketError): void;
}

/** Never called from inside a call to the stream itself. */
export interface ByteStreamSink {
  /** `view` is valid during the call only. */
  onChunk(view: Uint8Array): void;
  /** The peer half-closed: no more chunks. */
  onEnd(): void;
  /** The write under way is done. */
  onWritten(): void;
  /**
   * The last call: both directions have ended (no error), or it broke. A write under way is given up.
   * @param words What the side that closed in order said of it, where the transport can.
   */
  onClosed(error?: SocketError, words?: string): void;
}
