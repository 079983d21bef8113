// One stream inside a session: a flow of messages of its own, which a stalled neighbour never holds up.
// Invariant: each direction ends by itself, or both by an abort; what had arrived before is read first.

import type { SendOptions } from "../connection/connection.js";
import { ClosedError, DisconnectedError, type SocketError } from "../core/errors.js";
import { reasonText } from "../core/reason.js";
import type { Encoding } from "../protocol/encoding/encoding.js";
import type { Flow } from "../protocol/session/flow.js";
import { frameTypes, lastFlag } from "../protocol/session/frames.js";
import { FlowSource, handled, Messages, type SessionContext } from "./messages.js";

export interface StreamOptions {
  /** Any JSON value, for the other side to see before it reads: at most 4 KiB together with the name. */
  readonly metadata?: unknown;
  /** Ends the wait for a free stream or for room; nothing is opened then. */
  readonly signal?: AbortSignal | undefined;
}

const none = new Uint8Array(0);

export class SessionStream<in Send = Uint8Array, Receive = Send>
  extends Messages<Send, Receive>
  implements AsyncDisposable
{
  readonly #context: SessionContext;
  readonly #flow: Flow;
  readonly #source: StreamSource;
  /** What our last `end` came to. */
  #ended: Promise<void> = Promise.resolve();
  #abortedHere: SocketError | undefined;

  /** Not for users: `session.open` and `session.streams` make streams. */
  constructor(context: SessionContext, flow: Flow, encoding: Encoding<Send, Receive>) {
    const source = new StreamSource(context, flow, (error) => this.#refuse(error));
    super(context, flow, encoding, source);
    this.#context = context;
    this.#flow = flow;
    this.#source = source;
  }

  /** Odd if the client opened it. Used again once it is over. */
  get id(): number {
    return this.#flow.id;
  }

  get name(): string {
    return this.#flow.name;
  }

  /** What its opener said; undefined if nothing. */
  get metadata(): unknown {
    return this.#flow.metadata;
  }

  /**
   * Ends our direction, behind all that was sent, with one more message if one is given. Resolves once it is in the
   * outbox; the other direction goes on.
   */
  end(message?: Send, { signal }: SendOptions = {}): Promise<void> {
    // Behind an end another one is none; a message is refused.
    if (message !== undefined) this.#ended = this.sendFrame(message, true, signal);
    else if (!this.#isEnding) this.#ended = this.#end(signal);
    return this.#ended;
  }

  /**
   * Ends our direction in order, behind what waits, and discards what still comes. Resolves once our end is in the outbox;
   * what waits for the peer's credit for longer than `drainMs` is given up, and the stream aborted. Never rejects.
   */
  async close(): Promise<void> {
    const { clock, drainMs, pump } = this.#context;
    const ending = this.end();
    this.#source.isClosed = true;
    pump.machine.discard(this.#flow);
    this.look();
    const giveUp = () => this.abort(`closed, and the peer took nothing for ${drainMs} ms`);
    const timer = clock.setTimer(giveUp, drainMs);
    await ending.catch(() => {});
    clock.clearTimer(timer);
  }

  /** Ends both directions now: what waits fails, what is unread is discarded, and the peer is told the reason. */
  abort(reason?: unknown): void {
    const text = reason === undefined ? "aborted" : reasonText(reason);
    this.#abort("aborted", text, new ClosedError(`the stream was aborted here (${text})`, this.#where()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Not for users: something has happened to it. */
  onInput(): void {
    this.look();
  }

  protected sendFailure(): SocketError | undefined {
    if (this.#abortedHere !== undefined) return this.#abortedHere;
    const where = { op: "send", ...this.#where() };
    if (this.#flow.abortedByPeer !== undefined) return abortedBy(this.#flow, where);
    const { sendFailure } = this.#context;
    if (sendFailure !== undefined) return sendFailure;
    return this.#isEnding ? new ClosedError("this side has ended", where) : undefined;
  }

  /** The end is in the outbox, or waits for its place there. */
  get #isEnding(): boolean {
    const { sending, waiting } = this.#flow;
    const { type = 0 } = waiting.at(-1) ?? {};
    return sending !== "open" || type === frameTypes.end || (type & lastFlag) !== 0;
  }

  #end(signal: AbortSignal | undefined): Promise<void> {
    const failure = this.sendFailure();
    if (failure !== undefined) return handled(Promise.reject(failure));
    if (signal?.aborted) return Promise.reject(signal.reason);
    const { end: type } = frameTypes;
    return this.waitFor(
      { flow: this.#flow, type, first: none, second: none, messageBytes: undefined },
      signal,
    );
  }

  #refuse(error: SocketError): void {
    this.#abort("undecodable", error.reason, error);
  }

  #abort(code: string, reason: string, error: SocketError): void {
    if (this.#abortedHere !== undefined) return;
    this.#abortedHere = error;
    this.#source.failure = error;
    this.#context.pump.machine.abort(this.#flow, { code, reason }, error);
    this.look();
  }

  #where(): { readonly endpoint: string } {
    return { endpoint: this.#context.remote };
  }
}

class StreamSource extends FlowSource {
  readonly noun = "stream";
  readonly #onRefused: (error: SocketError) => void;
  /** Its reader wants no more. */
  isClosed = false;
  failure: SocketError | undefined;

  constructor(context: SessionContext, flow: Flow, onRefused: (error: SocketError) => void) {
    super(context, flow);
    this.#onRefused = onRefused;
  }

  get closing(): boolean {
    return this.isClosed || this.context.isClosing;
  }

  get inputFailure(): SocketError | undefined {
    if (this.failure !== undefined) return this.failure;
    const where = { op: "receive", endpoint: this.remote };
    if (this.flow.abortedByPeer !== undefined) return abortedBy(this.flow, where);
    const { over } = this.context;
    if (this.flow.receiving === "over" || over === undefined) return undefined;
    return over.error ?? new ClosedError("the session was closed before the stream had ended", where);
  }

  refuse(error: SocketError): void {
    this.#onRefused(error);
  }
}

function abortedBy(flow: Flow, where: { readonly op: string; readonly endpoint: string }): DisconnectedError {
  const { code = "", reason = "" } = flow.abortedByPeer ?? {};
  const why = reason === "" ? code : `${code}: ${reason}`;
  return new DisconnectedError("ERR_STREAM_ABORTED", `the peer aborted the stream (${why})`, where);
}
