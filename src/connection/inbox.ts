// The way in: cuts and decodes a link's bytes when somebody asks.
// Invariant: what nobody has asked for is still bytes, which another framing can take over; and an error surfaces in
// the order of the bytes that caused it, behind every message before them.

import type { ByteQueue } from "../core/byte-queue.js";
import type { Clock } from "../core/clock.js";
import { BusyError, ClosedError, ProtocolError, SocketError, TimeoutError } from "../core/errors.js";
import { reasonText } from "../core/reason.js";
import type { Encoder } from "../protocol/encoding/encoding.js";
import type { Framer } from "../protocol/framing/framing.js";

export interface ReceiveOptions {
  /** Ends the wait only, with the signal's own reason: a message that comes later is for the next call. */
  readonly signal?: AbortSignal | undefined;
  /** The same after so many milliseconds, with a TimeoutError. */
  readonly timeoutMs?: number | undefined;
}

/** Where an inbox reads: a connection's link, or one stream of a session. */
export interface InboxSource {
  /** What it is called in errors. */
  readonly noun: "connection" | "session" | "stream";
  readonly remote: string;
  readonly clock: Clock;
  /** Arrived and not cut into frames yet. */
  readonly input: ByteQueue;
  /** No more input will come. */
  readonly inputEnded: boolean;
  /** Why reading fails once the input has been read. */
  readonly inputFailure: SocketError | undefined;
  /** It was closed here: input is discarded. */
  readonly closing: boolean;
  /** Somebody waits for input. */
  wantInput(): void;
  /** What is in the input cannot be read, nor anything behind it. */
  refuse(error: SocketError): void;
}

/** Decodes what there is; undefined if that is nothing yet. */
type Poll<Receive, Result> = (inbox: Inbox<Receive>) => Result | undefined;

/** A call that waits: as data, since an idle connection holds nothing else for its reader. */
interface Waiting<Receive> {
  readonly poll: Poll<Receive, unknown>;
  readonly end: unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly stop: (() => void) | undefined;
}

/** Messages per batch. In larger arrays they outlive the collector's young generation: 400 ns a message, not 150. */
const batchMessages = 512;

const done: { readonly done: true; readonly value: undefined } = { done: true, value: undefined };

export class Inbox<Receive> {
  readonly #source: InboxSource;
  readonly #framer: Framer;
  readonly #encoder: Encoder<unknown, Receive>;
  /** Frames may be cut inside a character. */
  readonly #cut: boolean;
  /** The call that waits, if one does. */
  #waiting: Waiting<Receive> | undefined;
  /** Why the input cannot be read any further, which outlives the connection itself. */
  #unread: SocketError | undefined;
  /** What every call answers once another reader has taken over. */
  #detached: ClosedError | undefined;
  messagesReceived = 0;

  constructor(source: InboxSource, framer: Framer, encoder: Encoder<never, Receive>, cut: boolean) {
    this.#source = source;
    this.#framer = framer;
    this.#encoder = encoder as Encoder<unknown, Receive>;
    this.#cut = cut;
  }

  get waiting(): boolean {
    return this.#waiting !== undefined;
  }

  receive(options?: ReceiveOptions): Promise<Receive | undefined> {
    if (this.#source.closing) return Promise.reject(this.#closedError());
    return this.next(pollMessage<Receive>, undefined, options);
  }

  messages(): AsyncIterator<Receive, undefined> {
    return new Reading(this, pollResult<Receive>);
  }

  batches(): AsyncIterableIterator<Receive[], undefined> {
    return new Reading(this, pollBatch<Receive>);
  }

  /** Why nothing can be read or sent here, once another reader has taken over. */
  get detached(): ClosedError | undefined {
    return this.#detached;
  }

  /** @throws BusyError while a call waits; ClosedError once another reader has taken over. */
  checkFree(op: string): void {
    if (this.#detached !== undefined) throw this.#detached;
    if (this.#waiting !== undefined) throw this.#busyError(op);
  }

  /** Another reader takes over. @throws as `checkFree`; ProtocolError if we stand inside a character. */
  detach(op: string): void {
    this.checkFree(op);
    try {
      this.#encoder.end();
    } catch (error) {
      throw this.#unreadable(error);
    }
    this.#detached = new ClosedError(`the connection goes on under the object that ${op} returned`, {
      endpoint: this.#source.remote,
    });
  }

  onInput(): void {
    const waiting = this.#waiting;
    if (waiting !== undefined) this.#lookFor(waiting);
  }

  /**
   * The next message that is here already.
   * @throws what the framing or the encoding says of the bytes; the connection is cut then.
   */
  poll(): Receive | undefined {
    try {
      for (;;) {
        const frame = this.#framer.decode(this.#source.input) ?? this.#lastFrame();
        if (frame === undefined) return undefined;
        const message = this.#encoder.decode(frame, this.#cut);
        if (message === undefined) continue;
        this.messagesReceived += 1;
        return message;
      }
    } catch (error) {
      throw this.#unreadable(error);
    }
  }

  #lastFrame(): Uint8Array | undefined {
    const { inputEnded, inputFailure, input } = this.#source;
    if (!inputEnded || inputFailure !== undefined) return undefined;
    const frame = this.#framer.end(input);
    if (frame === undefined) this.#encoder.end();
    return frame;
  }

  /** Cuts the connection: after bytes that cannot be read, nobody knows what the rest means. */
  #unreadable(thrown: unknown): SocketError {
    const { input, remote } = this.#source;
    input.skip(input.size);
    const error = thrown instanceof SocketError ? thrown : unexpected(thrown);
    this.#unread ??= error.locate("receive", remote);
    this.#source.refuse(error);
    return error;
  }

  /** What `poll` finds as soon as there is something; `end` once nothing more will come. */
  next<Result>(poll: Poll<Receive, Result>, end: Result, options?: ReceiveOptions): Promise<Result> {
    if (this.#waiting !== undefined) return Promise.reject(this.#busyError("receive"));
    if (this.#detached !== undefined) return Promise.reject(this.#detached);
    if (options?.signal?.aborted) return Promise.reject(options.signal.reason);
    try {
      const result = poll(this);
      if (result !== undefined) return Promise.resolve(result);
      if (this.#isAtEnd(end)) return Promise.resolve(end);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#wait(poll, end, options);
  }

  /**
   * Whether nothing more will come. Our own close ends loops; a `receive`, whose `end` is undefined, must not take it
   * for the peer's end. @throws what cut the connection short.
   */
  #isAtEnd(end: unknown): boolean {
    const { closing, inputFailure, inputEnded } = this.#source;
    if (closing && end === undefined) throw this.#closedError();
    if (closing) return true;
    if (this.#unread !== undefined) throw this.#unread;
    if (inputFailure !== undefined) throw inputFailure;
    return inputEnded;
  }

  #wait<Result>(poll: Poll<Receive, Result>, end: Result, options?: ReceiveOptions): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const stop = options === undefined ? undefined : this.#limitWait(options, reject);
      // The promise gets what its own poll and end give, which the type of the waiting call forgets.
      this.#waiting = { poll, end, resolve: resolve as (result: unknown) => void, reject, stop };
      this.#source.wantInput();
    });
  }

  #lookFor(waiting: Waiting<Receive>): void {
    // Taken away while it looks: what cannot be read cuts the link, which calls us again.
    this.#waiting = undefined;
    try {
      const result = waiting.poll(this);
      if (result === undefined && !this.#isAtEnd(waiting.end)) {
        this.#waiting = waiting;
        return;
      }
      // Not `??`: null is a message.
      waiting.resolve(result === undefined ? waiting.end : result);
    } catch (error) {
      waiting.reject(error);
    }
    waiting.stop?.();
  }

  /** Ends the wait at its timeout or its signal; what it returns takes both away. */
  #limitWait({ signal, timeoutMs }: ReceiveOptions, reject: (error: unknown) => void): () => void {
    const { clock } = this.#source;
    const giveUp = (error: unknown) => {
      this.#waiting = undefined;
      stop();
      reject(error);
    };
    const abort = () => giveUp(signal?.reason);
    const expire = () => giveUp(this.#timeoutError(timeoutMs ?? 0));
    const timer = timeoutMs === undefined ? undefined : clock.setTimer(expire, timeoutMs);
    signal?.addEventListener("abort", abort, { once: true });
    const stop = () => {
      if (timer !== undefined) clock.clearTimer(timer);
      signal?.removeEventListener("abort", abort);
    };
    return stop;
  }

  #timeoutError(timeoutMs: number): TimeoutError {
    const context = { op: "receive", endpoint: this.#source.remote };
    return new TimeoutError(timeoutMs, `no whole message within ${timeoutMs} ms`, context);
  }

  #busyError(op: string): BusyError {
    const context = { op, endpoint: this.#source.remote, advice: "use one reader, and await its calls" };
    return new BusyError("another receive waits already", context);
  }

  #closedError(): ClosedError {
    return new ClosedError(`the ${this.#source.noun} was closed here`, {
      op: "receive",
      endpoint: this.#source.remote,
    });
  }
}

/** What somebody's own encoding throws is as good a reason as ours. */
function unexpected(thrown: unknown): ProtocolError {
  return new ProtocolError("ERR_INVALID_MESSAGE", "remote", reasonText(thrown), { cause: thrown });
}

/** A loop over what an inbox receives; leaving it leaves the connection as it is. */
class Reading<Receive, Value> implements AsyncIterableIterator<Value, undefined> {
  readonly #inbox: Inbox<Receive>;
  readonly #poll: Poll<Receive, IteratorResult<Value, undefined>>;

  constructor(inbox: Inbox<Receive>, poll: Poll<Receive, IteratorResult<Value, undefined>>) {
    this.#inbox = inbox;
    this.#poll = poll;
  }

  next(): Promise<IteratorResult<Value, undefined>> {
    return this.#inbox.next<IteratorResult<Value, undefined>>(this.#poll, done);
  }

  return(): Promise<IteratorResult<Value, undefined>> {
    return Promise.resolve(done);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

const pollMessage = <Receive>(inbox: Inbox<Receive>): Receive | undefined => inbox.poll();

function pollResult<Receive>(inbox: Inbox<Receive>): IteratorResult<Receive, undefined> | undefined {
  const value = inbox.poll();
  return value === undefined ? undefined : { done: false, value };
}

/** Messages before one that cannot be read are delivered; the error is there at the next call. */
function pollBatch<Receive>(inbox: Inbox<Receive>): IteratorResult<Receive[], undefined> | undefined {
  const value: Receive[] = [];
  try {
    while (value.length < batchMessages) {
      const message = inbox.poll();
      if (message === undefined) break;
      value.push(message);
    }
  } catch (error) {
    if (value.length === 0) throw error;
  }
  return value.length === 0 ? undefined : { done: false, value };
}
