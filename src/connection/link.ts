// One connection's stream, with what both directions share: unread bytes, the way out, and how it ended.
// Invariant: what has arrived is kept for its reader, whatever ends the stream; `closed` resolves exactly once.

import { ByteQueue } from "../core/byte-queue.js";
import type { Clock, Timer } from "../core/clock.js";
import { ClosedError, DisconnectedError, SocketError, TimeoutError } from "../core/errors.js";
import { type ClosedBy, type LifecycleEvent, type LifecycleObserver, tell } from "../core/lifecycle.js";
import { reasonText } from "../core/reason.js";
import type { ByteStream, ByteStreamSink } from "../transport/byte-stream.js";
import type { InboxSource } from "./inbox.js";
import type { WaitingLimits } from "./waiting-sends.js";
import { Writer } from "./writer.js";

/** How a connection ended. */
export interface Closed {
  readonly by: ClosedBy;
  /** `ended`: both sides, in order; else what cut it short, in a few words. */
  readonly reason: string;
  readonly error?: SocketError;
}

export interface LinkOptions extends WaitingLimits {
  readonly clock: Clock;
  readonly observer: LifecycleObserver | undefined;
  readonly receiveBufferBytes: number;
  readonly flushMs: number;
  readonly lingerMs: number;
  /** Without a byte either way for this long, the connection is cut. 0: never. */
  readonly idleTimeoutMs: number;
}

export interface Dialled {
  /** The name or address that was asked for, where the transport has such. */
  readonly host: string | undefined;
}

/** Whoever reads the link's bytes now. */
export interface LinkReader {
  /** True while it waits for bytes: the link then reads on however much is unread. */
  readonly waiting: boolean;
  /** There are more bytes, or there will be none. */
  onInput(): void;
}

export class Link implements ByteStreamSink, InboxSource {
  readonly noun = "connection";
  /** Another one once TLS has begun inside it. */
  stream: ByteStream;
  /** Whom we dialled; undefined where we were dialled. */
  readonly dialled: Dialled | undefined;
  readonly writer: Writer;
  /** Arrived and not cut into frames yet. */
  readonly input: ByteQueue = new ByteQueue();
  readonly options: LinkOptions;
  /** No more input will come. */
  inputEnded = false;
  /** Why reading and writing fail from now on; undefined while it is open, and after a clean end by the peer. */
  failure: SocketError | undefined;
  /** The same for reading alone: what the peer ended in order stays an end, whatever happens to our sends later. */
  inputFailure: SocketError | undefined;
  /** Set once `close` has begun: input is discarded. */
  closing = false;
  /** Set once no more may be sent. */
  outputEnded = false;
  bytesReceived = 0;
  /** For whoever counts open connections; told which one, so that one function can count them all. */
  onGone: ((link: Link) => void) | undefined;
  #reader: LinkReader | undefined;
  #paused = false;
  #gone = false;
  /** TLS is being begun: the stream is not ours until it has. */
  #isSecuring = false;
  #ended: Promise<void> | undefined;
  #endedFirst: "local" | "remote" | undefined;
  /** How it ends: known from an abort on, at the latest when it has gone. */
  #ending: Closed | undefined;
  /** Made for the first who asks: most connections idle with nobody asking. */
  #closed: Promise<Closed> | undefined;
  #resolveClosed: ((closed: Closed) => void) | undefined;
  #closeTimer: Timer;
  #idleTimer: Timer;

  constructor(stream: ByteStream, options: LinkOptions, dialled?: Dialled) {
    this.stream = stream;
    this.options = options;
    this.dialled = dialled;
    this.writer = new Writer(stream, options);
  }

  get remote(): string {
    return this.stream.remote;
  }

  get clock(): Clock {
    return this.options.clock;
  }

  /** After bytes that cannot be read, nobody knows what the rest means. */
  refuse(error: SocketError): void {
    this.abort({ by: "remote", reason: error.reason, error }, error, error);
  }

  /** Resolves once it has ended, and never rejects. */
  get closed(): Promise<Closed> {
    this.#closed ??= new Promise((resolve) => {
      if (this.#gone && this.#ending !== undefined) resolve(this.#ending);
      else this.#resolveClosed = resolve;
    });
    return this.#closed;
  }

  /** Begins to read, for the reader that was attached. */
  start(): void {
    this.#tell({ name: "open" });
    if (this.options.idleTimeoutMs > 0) this.#watchIdle(0, 0);
    this.stream.start(this);
  }

  /** What is unread, and all that follows, is for this reader. */
  attach(reader: LinkReader): void {
    this.#reader = reader;
  }

  /**
   * Goes on over another stream inside this one, behind all that was sent.
   * @param begin Takes the stream over, with what has come and is unread; rejects once it has released it.
   * @throws what `begin` rejects with, or why it was aborted here; the connection has ended then.
   */
  async secure(begin: (stream: ByteStream, unread: Uint8Array) => Promise<ByteStream>): Promise<void> {
    this.#isSecuring = true;
    let isTaken = false;
    try {
      if (!(await this.writer.flushed()) || this.inputEnded || this.outputEnded) throw this.#over();
      this.#paused = false;
      isTaken = true;
      const inside = await begin(this.stream, this.input.take(this.input.size).slice());
      this.stream = inside;
      this.writer.moveTo(inside);
      inside.start(this);
      this.#isSecuring = false;
    } catch (reason) {
      const told = this.failure ?? reason;
      if (!(told instanceof SocketError)) this.#ending ??= { by: "local", reason: reasonText(told) };
      if (!isTaken && !this.#gone) this.stream.abort();
      this.onClosed(told instanceof SocketError ? told : this.#over());
      throw told;
    }
  }

  /** The reader waits: read on if we had stopped. */
  wantInput(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.stream.resume();
  }

  /** Half-close behind all that was sent. Rejects if not all of it got out, which need not be seen: `closed` tells. */
  end(): Promise<void> {
    if (this.#ended === undefined) {
      this.#ended = this.outputEnded ? this.#failed() : this.#end();
      this.#ended.catch(() => {});
    }
    return this.#ended;
  }

  /**
   * The graceful end: flush, half-close, then discard what still comes until the peer ends too. Closing with unread
   * input would reset the connection, and the reset could overtake our last reply (RFC 1122 section 4.2.2.13).
   */
  async close(): Promise<void> {
    if (this.#isSecuring) this.abort({ by: "local", reason: "closed before TLS had begun" }, this.#over());
    else if (!this.closing) {
      this.closing = true;
      this.input.skip(this.input.size);
      this.#reader?.onInput();
      this.wantInput();
      if (!this.#gone) await this.#flushAndLinger();
    }
    await this.closed;
  }

  /**
   * Release now. The first cause given is the one that `closed` tells.
   * @param refusal What the peer did wrong, for the peer.
   */
  abort(closed: Closed, failure: SocketError, refusal?: SocketError): void {
    if (this.#gone || this.#ending !== undefined) return;
    this.#ending = closed;
    this.failure = failure;
    this.inputFailure = failure;
    this.outputEnded = true;
    this.writer.stop(failure);
    this.#reader?.onInput();
    this.stream.abort(refusal);
  }

  onChunk(view: Uint8Array): void {
    this.bytesReceived += view.length;
    if (this.closing) return;
    this.input.append(view);
    const reader = this.#reader;
    reader?.onInput();
    if (this.input.size >= this.options.receiveBufferBytes && reader?.waiting !== true && !this.#paused) {
      this.#paused = true;
      this.stream.pause();
    }
  }

  onEnd(): void {
    this.inputEnded = true;
    this.#endedFirst ??= "remote";
    this.#tell({ name: "half-closed", by: "remote" });
    this.#reader?.onInput();
  }

  onWritten(): void {
    this.writer.written();
  }

  onClosed(broken?: SocketError, words?: string): void {
    // Where TLS was not begun, whoever said so may have been first.
    if (this.#gone) return;
    // What we discard need not have come to its announced end.
    const isMoot = this.closing && broken?.code === "ERR_TRUNCATED";
    const error = isMoot ? undefined : (broken ?? this.#unsent());
    this.#gone = true;
    if (!this.inputEnded) this.inputFailure ??= error;
    this.inputEnded = true;
    this.outputEnded = true;
    this.options.clock.clearTimer(this.#closeTimer);
    this.options.clock.clearTimer(this.#idleTimer);
    this.#ending ??= this.#closedBy(error, words);
    const closed = this.#ending;
    this.failure ??= error;
    const { endpoint = this.stream.remote } = error ?? {};
    this.writer.stop(this.failure ?? new ClosedError("the connection has closed", { op: "send", endpoint }));
    this.#reader?.onInput();
    this.#tell({ name: "closed", ...closed });
    this.onGone?.(this);
    this.#resolveClosed?.(closed);
  }

  #over(): SocketError {
    const endpoint = this.stream.remote;
    return this.failure ?? new ClosedError("the connection has ended", { endpoint });
  }

  /** A peer that ends both directions at once, as WebSocket does, may have left something with us. */
  #unsent(): SocketError | undefined {
    const { pendingBytes } = this.writer;
    if (pendingBytes === 0 || this.#ending !== undefined) return undefined;
    const reason = `the peer closed with ${pendingBytes} bytes unsent`;
    return new DisconnectedError("ERR_CONNECTION_LOST", reason, { endpoint: this.stream.remote });
  }

  #closedBy(error: SocketError | undefined, words = "ended"): Closed {
    if (error === undefined) return { by: this.#endedFirst ?? "local", reason: words };
    const isBreak = error instanceof DisconnectedError || error instanceof TimeoutError;
    const by = isBreak && error.code !== "ERR_CONNECTION_RESET" ? "network" : "remote";
    return { by, reason: error.reason, error };
  }

  async #end(): Promise<void> {
    this.outputEnded = true;
    if (!(await this.writer.end())) return this.#failed();
    this.#endedFirst ??= "local";
    this.#tell({ name: "half-closed", by: "local" });
  }

  async #failed(): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
  }

  /**
   * Waits while the peer takes what was sent, then `lingerMs` for its own end. Without that end the connection is
   * released and not reset: the kernel may have more to deliver. Only a peer that takes nothing is cut.
   */
  async #flushAndLinger(): Promise<void> {
    const { clock, lingerMs } = this.options;
    this.#cutWhenStalled();
    await this.end().catch(() => {});
    clock.clearTimer(this.#closeTimer);
    if (this.#gone) return;
    this.#closeTimer = clock.setTimer(() => {
      this.#ending ??= { by: "local", reason: "closed; the peer did not end" };
      this.stream.release();
    }, lingerMs);
  }

  #cutWhenStalled(): void {
    const { clock, flushMs } = this.options;
    const { bytesSent } = this.writer;
    this.#closeTimer = clock.setTimer(() => {
      if (this.writer.bytesSent > bytesSent) return this.#cutWhenStalled();
      const context = { op: "close", endpoint: this.stream.remote };
      const error = new TimeoutError(flushMs, `the peer has taken nothing for ${flushMs} ms`, context);
      const reason = `closed with ${this.writer.pendingBytes} bytes unsent`;
      this.abort({ by: "local", reason, error }, error);
    }, flushMs);
  }

  /** Looks at the counters four times in the allowed silence, which costs nothing per chunk. */
  #watchIdle(quietChecks: number, bytesBefore: number): void {
    const { clock, idleTimeoutMs } = this.options;
    this.#idleTimer = clock.setTimer(() => {
      const bytes = this.bytesReceived + this.writer.bytesSent;
      // While our own reader is behind, the silence is ours and not the peer's.
      if (bytes !== bytesBefore || this.#paused) return this.#watchIdle(0, bytes);
      if (quietChecks < 3) return this.#watchIdle(quietChecks + 1, bytes);
      const reason = `no byte either way for ${idleTimeoutMs} ms`;
      const error = new TimeoutError(idleTimeoutMs, reason, { endpoint: this.stream.remote });
      this.abort({ by: "network", reason: "idle", error }, error);
    }, idleTimeoutMs / 4);
  }

  #tell(event: Pick<LifecycleEvent, "name"> & Partial<LifecycleEvent>): void {
    const { id, local, remote } = this.stream;
    tell(this.options.observer, { ...event, id, kind: "connection", local, remote });
  }
}
