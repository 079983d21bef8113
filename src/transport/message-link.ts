// The contract of a WebSocket, whoever implements it: messages pushed in both directions, and no half-close. (A page has
// sessions alone, and so a byte stream straight over the browser's own: websocket/browser-stream.ts.)
// Invariant: a message is sent whole and in order, or the link is over.

import type { SocketError } from "../core/errors.js";
import type { TlsState } from "./tls/state.js";
import type { UpgradeRequest } from "./websocket/request.js";

export interface MessageLink {
  /** Unique in this process; the same in every life-cycle event. */
  readonly id: number;
  readonly local: string;
  readonly remote: string;
  readonly tls?: TlsState | undefined;
  readonly request?: UpgradeRequest | undefined;
  /** Begins delivery to `sink`, once. Before it nothing is read. */
  start(sink: MessageLinkSink): void;
  /**
   * Sends `payload`, or a part of a message: the last one if `isLast`. All parts of a message are of one kind.
   * True: the memory is the caller's again. False: it stays the link's until `sink.onWritten`, and nothing may be sent.
   */
  send(payload: Uint8Array, isText: boolean, isLast: boolean): boolean;
  /** From here to `uncork`, in the same turn, what is sent may be held back, so that all of it leaves in one write. */
  cork?(): void;
  /** What was held back leaves. True and false as `send` says them. */
  uncork?(): boolean;
  /** No `onMessage` until `resume`. */
  pause(): void;
  resume(): void;
  /** Closes in order: behind what was sent, with a code (RFC 6455 section 7.4) and a reason, cut to 123 bytes. Once. */
  close(code: number, reason: string): void;
  /** Release now: before a `close` by a reset, where there are resets. `onClosed` follows, without an error. */
  abort(): void;
}

/** Never called from inside a call to the link itself. */
export interface MessageLinkSink {
  /** A whole message; `view` is valid during the call only. */
  onMessage(view: Uint8Array, isText: boolean): void;
  /** The write under way is done. */
  onWritten(): void;
  /**
   * The last call: closed in order, by whichever side (no error; `code` and `reason` are the peer's, 1005 if it said none),
   * or it broke.
   */
  onClosed(error: SocketError | undefined, code: number | undefined, reason: string): void;
}
