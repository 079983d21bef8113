// The messages of one stream, as a user sends and reads them: what a session and its streams have in common.
// Invariant: `send` resolves when the message is in the outbox, and not before its stream has credit for it.

import type { SendOptions } from "../connection/connection.js";
import { Inbox, type InboxSource, type ReceiveOptions } from "../connection/inbox.js";
import type { ByteQueue } from "../core/byte-queue.js";
import type { Clock } from "../core/clock.js";
import { ClosedError, LimitError, SocketError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import type { Encoder, Encoding } from "../protocol/encoding/encoding.js";
import type { Framer } from "../protocol/framing/framing.js";
import type { Flow } from "../protocol/session/flow.js";
import { frameTypes, headerBytes, lastFlag } from "../protocol/session/frames.js";
import type { Sending } from "../protocol/session/outgoing.js";
import type { Pump } from "./pump.js";

/** What the messages of a session share. */
export interface SessionContext {
  readonly pump: Pump;
  readonly clock: Clock;
  /** The peer's end, as an endpoint: of the last link. */
  readonly remote: string;
  /** How long what is closed may wait for the peer. */
  readonly drainMs: number;
  /** The largest message that the peer takes, and that our own outbox holds. */
  readonly messageBytesMax: number;
  /** Closed here: readers stop. */
  readonly isClosing: boolean;
  /** Why nothing can be sent any more, on any stream; undefined while something can. */
  readonly sendFailure: SocketError | undefined;
  /** Aborted here: what is unread is discarded, on every stream. */
  readonly isAborted: boolean;
  /** Sends that wait, on all streams; each resolves once it is taken, or to why it failed. */
  readonly waits: Set<Promise<unknown>>;
  /** The session is over; undefined while it is not. An error unless it was closed in order. */
  readonly over: { readonly error: SocketError | undefined } | undefined;
}

const none = new Uint8Array(0);
const taken: Promise<void> = Promise.resolve();

export abstract class Messages<in Send, Receive> implements AsyncIterable<Receive> {
  readonly #context: SessionContext;
  readonly #flow: Flow;
  readonly #encoder: Encoder<Send, Receive>;
  readonly #inbox: Inbox<Receive>;

  constructor(context: SessionContext, flow: Flow, encoding: Encoding<Send, Receive>, source: FlowSource) {
    this.#context = context;
    this.#flow = flow;
    this.#encoder = encoding.open();
    const framer = new FlowFramer(flow, context);
    this.#inbox = new Inbox(source, framer, this.#encoder as Encoder<never, Receive>, false);
  }

  /**
   * Takes the message, at once while its stream has credit and the outbox has room, else as soon as there is; messages of
   * one turn leave in one write. Resolved means taken: from now on it is sent, again and again if need be, until the peer
   * has it or the session ends, which `closed` tells. Rejected means not sent.
   * @throws LimitError for one larger than the peer takes, or if too many sends wait; ProtocolError for one that cannot be
   * encoded; ClosedError, DisconnectedError once the session or the stream has ended: these need not be caught.
   */
  send(message: Send, { signal }: SendOptions = {}): Promise<void> {
    return this.sendFrame(message, false, signal);
  }

  /** Takes the message if there is credit and room for it now. @throws as `send` does for one that cannot be sent. */
  trySend(message: Send): boolean {
    if (this.sendFailure() !== undefined) return false;
    const { pump } = this.#context;
    // Before it is encoded for nothing.
    if (!pump.machine.outgoing.hasRoom(this.#flow, 0)) return false;
    const payload = this.encode(message);
    if (!pump.machine.outgoing.hasRoom(this.#flow, payload.length)) return false;
    pump.send(this.#flow, payload, false);
    return true;
  }

  /**
   * The next message; undefined once the peer has ended. What arrived before an end is delivered first. An abort or a
   * timeout ends the wait only.
   * @throws BusyError beside another reader; ProtocolError for one that cannot be decoded; TimeoutError; DisconnectedError
   * once the session is lost, or the peer has aborted the stream; ClosedError after our own `close` or `abort`.
   */
  receive(options?: ReceiveOptions): Promise<Receive | undefined> {
    return this.#inbox.receive(options);
  }

  /** Message by message; ends when the peer ends or we close. Leaving the loop leaves it open. */
  [Symbol.asyncIterator](): AsyncIterator<Receive, undefined> {
    return this.#inbox.messages();
  }

  /** What has arrived, up to 512 messages at once: quicker than one by one where they are small. */
  batches(): AsyncIterableIterator<Receive[], undefined> {
    return this.#inbox.batches();
  }

  protected get messagesReceived(): number {
    return this.#inbox.messagesReceived;
  }

  /** More has come, or nothing more will. */
  protected look(): void {
    this.#inbox.onInput();
  }

  /** Why nothing can be sent any more; undefined while something can. */
  protected abstract sendFailure(): SocketError | undefined;

  protected sendFrame(message: Send, isLast: boolean, signal: AbortSignal | undefined): Promise<void> {
    const failure = this.sendFailure();
    if (failure !== undefined) return handled(Promise.reject(failure));
    if (signal?.aborted) return Promise.reject(signal.reason);
    let payload: Uint8Array;
    try {
      payload = this.encode(message);
    } catch (error) {
      return Promise.reject(error);
    }
    const { pump } = this.#context;
    if (pump.machine.outgoing.hasRoom(this.#flow, payload.length)) {
      pump.send(this.#flow, payload, isLast);
      return taken;
    }
    // Encoders use their memory again; the caller's own bytes stay as they are until we resolve.
    const kept = (payload as unknown) === message ? payload : payload.slice();
    const type = isLast ? frameTypes.data | lastFlag : frameTypes.data;
    return this.waitFor(
      { flow: this.#flow, type, first: kept, second: none, messageBytes: kept.length },
      signal,
    );
  }

  /** The frame, as soon as it may be sent. */
  protected waitFor(sending: Sending, signal: AbortSignal | undefined): Promise<void> {
    // Whoever waited for a stream's place may come behind the peer's CLOSE.
    const failure = this.sendFailure();
    if (failure !== undefined) return handled(Promise.reject(failure));
    const problem = this.#tooManyWait(sending);
    if (problem !== undefined) return Promise.reject(problem);
    const { pump } = this.#context;
    const promise = new Promise<void>((resolve, reject) => {
      const abort = () => {
        if (pump.machine.cancel(send)) reject(signal?.reason);
      };
      const settle = () => signal?.removeEventListener("abort", abort);
      const send = {
        ...sending,
        onTaken: () => {
          settle();
          resolve();
        },
        onFailed: (error: Error) => {
          settle();
          handled(promise);
          // Once the machine has returned, and who is told of it knows why.
          queueMicrotask(() =>
            reject(this.sendFailure() ?? new ClosedError(error.message, this.#where("send"))),
          );
        },
      };
      signal?.addEventListener("abort", abort, { once: true });
      pump.wait(send);
    });
    const { waits } = this.#context;
    const settled: Promise<unknown> = promise
      .then(() => undefined)
      // Who gave up waiting does not want it flushed.
      .catch((error) => (signal?.aborted ? undefined : error))
      .finally(() => waits.delete(settled));
    waits.add(settled);
    return promise;
  }

  /** @throws LimitError beyond what the peer takes. */
  protected encode(message: Send): Uint8Array {
    const { messageBytesMax } = this.#context;
    let payload: Uint8Array;
    try {
      payload = this.#encoder.encode(message);
    } catch (error) {
      throw error instanceof SocketError ? error.locate("send", this.#context.remote) : error;
    }
    if (payload.length <= messageBytesMax) return payload;
    const advice = "send it in parts, on a stream of its own; or raise messageBytesMax at the other side";
    throw new LimitError("messageBytesMax", payload.length, messageBytesMax, {
      ...this.#where("send"),
      advice,
    });
  }

  #tooManyWait({ flow, first, second }: Sending): LimitError | undefined {
    const { sendCallsMax, sendBufferBytes } = limits;
    const { waiting } = flow;
    if (waiting.length === 0) return undefined;
    const context = { ...this.#where("send"), advice: "await each send" };
    const count = waiting.length + 1;
    if (count > sendCallsMax) return new LimitError("sendCallsMax", count, sendCallsMax, context);
    let bytes = first.length + second.length;
    for (const send of waiting) bytes += send.first.length + send.second.length;
    return bytes > sendBufferBytes
      ? new LimitError("sendBufferBytes", bytes, sendBufferBytes, context)
      : undefined;
  }

  #where(op: string): { readonly op: string; readonly endpoint: string } {
    return { op, endpoint: this.#context.remote };
  }
}

/** Need not be caught: `closed` tells the same. */
export function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** What an inbox reads of a stream. */
export abstract class FlowSource implements InboxSource {
  abstract readonly noun: "session" | "stream";
  protected readonly context: SessionContext;
  protected readonly flow: Flow;

  constructor(context: SessionContext, flow: Flow) {
    this.context = context;
    this.flow = flow;
  }

  get remote(): string {
    return this.context.remote;
  }

  get clock(): Clock {
    return this.context.clock;
  }

  get input(): ByteQueue {
    return this.flow.input;
  }

  get inputEnded(): boolean {
    return this.flow.receiving === "over" || this.context.over !== undefined;
  }

  abstract get inputFailure(): SocketError | undefined;
  abstract get closing(): boolean;

  /** Credit, and not the link, makes a sender wait: there is nothing to resume. */
  wantInput(): void {}

  abstract refuse(error: SocketError): void;
}

/** Cuts the messages out of a stream's input, where they lie as frames, and returns their credit. */
class FlowFramer implements Framer {
  readonly trailer: Uint8Array = none;
  readonly #flow: Flow;
  readonly #context: SessionContext;

  constructor(flow: Flow, context: SessionContext) {
    this.#flow = flow;
    this.#context = context;
  }

  decode(input: ByteQueue): Uint8Array | undefined {
    if (this.#flow.readableBytes <= 0 || this.#context.isAborted) return undefined;
    const length = input.peekUint(4, true) & 0xffffff;
    input.skip(headerBytes);
    const frame = input.take(length);
    this.#context.pump.take(this.#flow, length);
    return frame;
  }

  end(): undefined {
    return undefined;
  }

  header(): Uint8Array {
    return none;
  }
}
