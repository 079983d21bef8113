// A WebSocket of `ws` as a message link: `ws` shakes hands, reads and closes; data frames and answers to pings are ours.
// Invariant: while it is paused nothing is delivered, though `ws` goes on through the chunk it is at; what that holds is
// kept, and delivered before whatever comes later.

import type net from "node:net";
import type WebSocket from "ws";

import type { Clock, Timer } from "../../core/clock.js";
import { LimitError, ProtocolError, type SocketError } from "../../core/errors.js";
import { nextSocketId } from "../../core/lifecycle.js";
import { type LimitName, limits } from "../../core/limits.js";
import type { Under } from "../http-listener.js";
import type { MessageLink, MessageLinkSink } from "../message-link.js";
import { systemCode, systemError } from "../system-errors.js";
import type { TlsState } from "../tls/state.js";
import { tlsError } from "../tls/tls-error.js";
import { closeError, shortReason } from "./close-codes.js";
import { FrameWriter } from "./frame-writer.js";
import type { UpgradeRequest } from "./request.js";

export interface WsLinkParts {
  readonly id?: number;
  readonly local: string;
  readonly remote: string;
  readonly tls: TlsState | undefined;
  readonly request: UpgradeRequest | undefined;
  /** What `ws` reads and writes. */
  readonly socket: net.Socket;
  readonly under: Under;
  /** We dialled: frames are masked. */
  readonly isClient: boolean;
  readonly clock: Clock;
  readonly bound: MessageBound;
}

/** The longest message that `ws` was told to take, and the option that moves it. */
export interface MessageBound {
  readonly bytesMax: number;
  readonly limit: LimitName;
}

interface Held {
  readonly data: Uint8Array;
  readonly isText: boolean;
}

interface Ending {
  readonly error: SocketError | undefined;
  readonly code: number | undefined;
  readonly reason: string;
}

export class WsLink implements MessageLink {
  readonly id: number;
  readonly local: string;
  readonly remote: string;
  readonly tls: TlsState | undefined;
  readonly request: UpgradeRequest | undefined;
  readonly #ws: WebSocket;
  readonly #socket: net.Socket;
  readonly #under: Under;
  readonly #clock: Clock;
  readonly #bound: MessageBound;
  readonly #writer: FrameWriter;
  #sink: MessageLinkSink | undefined;
  /** Until `start`, too. */
  #isPaused = true;
  #isCorked = false;
  /** A `send` or `uncork` said false. */
  #isWaiting = false;
  #held: Held[] = [];
  /** It closed, and what came before is not all delivered. */
  #ending: Ending | undefined;
  #isClosing = false;
  #isReleased = false;
  /** What the peer did that it must not, as `ws` says. */
  #violation: SocketError | undefined;
  #broken: SocketError | undefined;
  #endTimer: Timer;
  /** Answers to pings that are under way. */
  #pongs = 0;
  /** The newest ping that waits for one of them. */
  #unanswered: Buffer | undefined;

  /** @param ws Open, with nothing read from it yet; it leaves pings to us (`autoPong: false`). */
  constructor(ws: WebSocket, parts: WsLinkParts) {
    this.id = parts.id ?? nextSocketId();
    this.local = parts.local;
    this.remote = parts.remote;
    this.tls = parts.tls;
    this.request = parts.request;
    this.#ws = ws;
    this.#socket = parts.socket;
    this.#under = parts.under;
    this.#clock = parts.clock;
    this.#bound = parts.bound;
    this.#writer = new FrameWriter(parts.socket, parts.isClient, (error) => this.#onWrote(error));
    ws.pause();
    ws.on("message", (data: Uint8Array, isBinary: boolean) => this.#onMessage(data, !isBinary));
    ws.on("ping", (payload) => this.#onPing(payload));
    ws.on("error", (error) => this.#onViolation(error));
    ws.on("close", (code: number, reason: Uint8Array) => this.#onClose(code, decoder.decode(reason)));
    parts.socket.on("error", (error) => {
      const where = { endpoint: this.remote };
      this.#broken ??= this.tls === undefined ? systemError(error, where) : tlsError(error, where);
    });
    parts.socket.on("end", () => {
      // What is under TLS has gone, so that nothing of ours will ever be written.
      if (this.#under.error !== undefined) parts.socket.destroy();
      else this.#limitEnd(limits.flushMs);
    });
  }

  start(sink: MessageLinkSink): void {
    this.#sink = sink;
    this.resume();
  }

  send(payload: Uint8Array, isText: boolean, isLast: boolean): boolean {
    // The peer has closed: `onClosed` is on its way.
    if (this.#ws.readyState !== this.#ws.OPEN) return false;
    this.#writer.add(payload, isText, isLast);
    if (!this.#isCorked) this.#writer.flush();
    return this.#hasRoom();
  }

  cork(): void {
    this.#isCorked = true;
  }

  uncork(): boolean {
    this.#isCorked = false;
    this.#writer.flush();
    return this.#hasRoom();
  }

  pause(): void {
    this.#isPaused = true;
    this.#ws.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#held.length > 0 || this.#ending !== undefined) queueMicrotask(() => this.#catchUp());
    else this.#ws.resume();
  }

  close(code: number, reason: string): void {
    this.#isClosing = true;
    this.#ws.close(code, shortReason(reason));
    // For a close in order our caller has a bound of its own.
    if (code === 1000) return;
    this.#limitEnd(limits.lingerMs);
    // Nobody wants what still comes before the peer's own Close frame.
    this.resume();
  }

  abort(): void {
    this.#isReleased = true;
    this.#held = [];
    if (this.#isClosing) this.#socket.destroy();
    else this.#under.cut();
    if (this.#ending !== undefined) queueMicrotask(() => this.#catchUp());
  }

  #hasRoom(): boolean {
    this.#isWaiting = this.#writer.isWriting;
    return !this.#isWaiting;
  }

  #onWrote(error: Error | null | undefined): void {
    if (!this.#isWaiting || this.#writer.isWriting || error) return;
    this.#isWaiting = false;
    if (!this.#isReleased) this.#sink?.onWritten();
  }

  #onMessage(data: Uint8Array, isText: boolean): void {
    if (this.#isReleased) return;
    if (this.#isPaused || this.#held.length > 0) this.#held.push({ data, isText });
    else this.#sink?.onMessage(data, isText);
  }

  /**
   * Each is answered; of those that come faster than answers leave only the newest (RFC 6455 section 5.5.3): what a peer
   * that does not read can make us hold is bounded, and `ws` would cut one that only pings often.
   */
  #onPing(payload: Buffer): void {
    this.#unanswered = payload;
    if (this.#pongs >= pongsMax) return;
    this.#pongs += 1;
    this.#unanswered = undefined;
    this.#ws.pong(payload, undefined, () => {
      this.#pongs -= 1;
      if (this.#unanswered !== undefined) this.#onPing(this.#unanswered);
    });
  }

  /** Delivers what was held, unless it is paused again in between. */
  #catchUp(): void {
    const held = this.#held;
    let delivered = 0;
    while (delivered < held.length && !this.#isPaused && !this.#isReleased) {
      const { data, isText } = held[delivered] as Held;
      delivered += 1;
      this.#sink?.onMessage(data, isText);
    }
    if (!this.#isReleased) this.#held = held.slice(delivered);
    if (this.#held.length > 0) return;
    if (this.#ending !== undefined) this.#tell(this.#ending);
    else if (!this.#isPaused && !this.#isReleased) this.#ws.resume();
  }

  #onViolation(error: Error): void {
    this.#violation ??= violationOf(error, this.#bound, this.remote);
    this.#limitEnd(limits.lingerMs);
  }

  /** A peer that is in the wrong, or takes nothing more, may keep us waiting for so long. */
  #limitEnd(delayMs: number): void {
    this.#endTimer ??= this.#clock.setTimer(() => {
      this.#isReleased ||= this.#isClosing;
      this.#socket.destroy();
    }, delayMs);
  }

  #onClose(code: number, reason: string): void {
    this.#clock.clearTimer(this.#endTimer);
    const ending = this.#endingOf(code, reason);
    this.#ending = ending;
    if (this.#sink !== undefined && this.#held.length === 0) this.#tell(ending);
  }

  #endingOf(code: number, reason: string): Ending {
    if (this.#isReleased) return { error: undefined, code: undefined, reason: "" };
    if (this.#violation !== undefined) return { error: this.#violation, code: undefined, reason: "" };
    // After a Close frame the rest of TCP means nothing.
    if (code !== 1006) return { error: undefined, code, reason };
    const error = this.#broken ?? this.#under.error ?? closeError(code, "", { endpoint: this.remote });
    return { error, code: undefined, reason: "" };
  }

  #tell({ error, code, reason }: Ending): void {
    const sink = this.#sink;
    this.#sink = undefined;
    this.#ending = undefined;
    sink?.onClosed(this.#isReleased ? undefined : error, this.#isReleased ? undefined : code, reason);
  }
}

/** What `ws` found wrong; it has told the peer with the close code for it. */
function violationOf(error: Error, { bytesMax, limit }: MessageBound, endpoint: string): SocketError {
  const code = systemCode(error) ?? "";
  const where = { op: "receive", endpoint, cause: error };
  if (code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH" || code === "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH") {
    return new LimitError(limit, "more", bytesMax, where);
  }
  if (!code.startsWith("WS_ERR_")) return systemError(error, where);
  const reason = error.message.replace("Invalid WebSocket frame: ", "not WebSocket: ");
  return new ProtocolError("ERR_INVALID_BYTES", "remote", reason, where);
}

const decoder = new TextDecoder();
/** As many as one read of a peer's may well bring; each holds up to 131 bytes. */
const pongsMax = 64;
