// A byte stream over a browser's own WebSocket: the concatenation of binary messages, one for each write.
// Invariant: nothing is asked of the page but its socket; what a browser cannot do (pause, reset, half-close) nobody here
// relies on, since only sessions dial from a page.

import type { Clock, Timer } from "../../core/clock.js";
import { DisconnectedError, ProtocolError, type SocketError } from "../../core/errors.js";
import { nextSocketId } from "../../core/lifecycle.js";
import { limits } from "../../core/limits.js";
import { atTurnEnd } from "../../core/turn.js";
import type { ByteStream, ByteStreamSink } from "../byte-stream.js";

/** What is used of the platform's WebSocket. */
export interface BrowserSocket {
  binaryType: string;
  readonly bufferedAmount: number;
  onopen: unknown;
  onmessage: unknown;
  onclose: unknown;
  send(data: Uint8Array): void;
  close(code?: number): void;
}

/** Ended in order (RFC 6455 section 7.4.1): with its code, because the server goes away, or without a code. */
const orderly: readonly number[] = [1000, 1001, 1005];
/** What the browser may hold of ours before a write waits: as much as goes out in one. */
const bufferedBytesMax = 65_536;
/** A browser tells nobody when it has sent something: it is asked, at longer and longer intervals, and when something comes. */
const [askAfterMsMin, askAfterMsMax] = [2, 100];

export class BrowserStream implements ByteStream {
  readonly id: number;
  /** Browsers do not tell. */
  readonly local = "";
  readonly remote: string;
  readonly #socket: BrowserSocket;
  readonly #clock: Clock;
  #sink: ByteStreamSink | undefined;
  #isWriting = false;
  #timer: Timer;

  /** @param socket Open, since this very turn: what comes later waits for `start`, in the same turn. */
  constructor(socket: BrowserSocket, clock: Clock, remote: string, id: number = nextSocketId()) {
    this.#socket = socket;
    this.#clock = clock;
    this.id = id;
    this.remote = remote;
  }

  start(sink: ByteStreamSink): void {
    this.#sink = sink;
    this.#socket.onmessage = ({ data }: { readonly data: unknown }) => this.#receive(data);
    this.#socket.onclose = (event: CloseReport) => this.#close(event);
  }

  write(chunk: Uint8Array): boolean {
    const { linkMessageBytesMax } = limits;
    for (let start = 0; start < chunk.length; start += linkMessageBytesMax) {
      // The browser copies it.
      this.#socket.send(chunk.subarray(start, start + linkMessageBytesMax));
    }
    this.#isWriting = this.#isFull;
    if (this.#isWriting) this.#askLater(askAfterMsMin);
    return !this.#isWriting;
  }

  pause(): void {}

  resume(): void {}

  end(): void {
    this.#socket.close(1000);
  }

  release(): void {
    this.abort();
  }

  abort(): void {
    this.#socket.close();
    atTurnEnd((stream: BrowserStream) => stream.#finish(), this);
    this.#forget();
  }

  get #isFull(): boolean {
    return this.#socket.bufferedAmount > bufferedBytesMax;
  }

  #receive(data: unknown): void {
    this.#ask();
    if (data instanceof ArrayBuffer) {
      if (data.byteLength > 0) this.#sink?.onChunk(new Uint8Array(data));
      return;
    }
    const context = { endpoint: this.remote, advice: "check the path of the endpoint" };
    this.#socket.close();
    this.#finish(
      new ProtocolError("ERR_INVALID_BYTES", "remote", "a text message came, where binary ones go", context),
    );
  }

  #close({ code, reason, wasClean }: CloseReport): void {
    if (wasClean && orderly.includes(code)) {
      this.#sink?.onEnd();
      this.#finish();
      return;
    }
    // The server's own words, without what could turn or break the line that they are shown in.
    const why = reason === "" ? "" : `: ${reason.replaceAll(/[\p{C}\u2028\u2029]/gu, " ")}`;
    const text = code === 1006 ? "the WebSocket broke" : `the server closed the WebSocket (${code}${why})`;
    this.#finish(new DisconnectedError("ERR_CONNECTION_LOST", text, { endpoint: this.remote }));
  }

  #ask(): void {
    if (!this.#isWriting || this.#isFull) return;
    this.#isWriting = false;
    this.#clock.clearTimer(this.#timer);
    this.#sink?.onWritten();
  }

  #askLater(afterMs: number): void {
    this.#timer = this.#clock.setTimer(() => {
      this.#ask();
      if (this.#isWriting) this.#askLater(Math.min(2 * afterMs, askAfterMsMax));
    }, afterMs);
  }

  #forget(): void {
    this.#isWriting = false;
    this.#clock.clearTimer(this.#timer);
    this.#socket.onmessage = null;
    this.#socket.onclose = null;
  }

  #finish(error?: SocketError): void {
    this.#forget();
    const sink = this.#sink;
    this.#sink = undefined;
    sink?.onClosed(error);
  }
}

interface CloseReport {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}
