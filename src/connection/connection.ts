// A stream seen as messages: what `connect`, `listen` and `serve` hand out.
// Invariant: a message is taken whole or not at all, and nothing here throws from an event.

import { ClosedError, SocketError, UsageError } from "../core/errors.js";
import { reasonText } from "../core/reason.js";
import type { Encoder } from "../protocol/encoding/encoding.js";
import type { Framer } from "../protocol/framing/framing.js";
import type { TlsOptions } from "../transport/tls/options.js";
import type { TlsState } from "../transport/tls/state.js";
import type { UpgradeRequest } from "../transport/websocket/request.js";
import { Inbox, type ReceiveOptions } from "./inbox.js";
import type { Closed, Link } from "./link.js";
import { type Format, type FormatOptions, formatOf, recordsFormatOf } from "./options.js";
import { prepareTls, type StartTlsOptions } from "./start-tls.js";

export interface SendOptions {
  /** Ends the wait for room; the message is not sent then, and the call rejects with the signal's own reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Counters of one connection; bytes as they are on the wire. */
export interface ConnectionStats {
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly messagesSent: number;
  readonly messagesReceived: number;
  /** Sent and not in the kernel yet. */
  readonly pendingBytes: number;
  /** Arrived and not asked for yet. */
  readonly unreadBytes: number;
}

/** What every send that is taken at once returns: one promise for all. */
const taken: Promise<void> = Promise.resolve();

export class Connection<in Send = Uint8Array, Receive = Send>
  implements AsyncIterable<Receive>, AsyncDisposable
{
  readonly #link: Link;
  readonly #format: Format<Send, Receive>;
  readonly #framer: Framer;
  readonly #encoder: Encoder<Send, Receive>;
  readonly #inbox: Inbox<Receive>;

  /** Not for users: `connect`, `listen` and `serve` make connections. */
  constructor(link: Link, format: Format<Send, Receive>) {
    const { framing, encoding, limits } = format;
    this.#link = link;
    this.#format = format;
    this.#framer = framing.open(limits);
    this.#encoder = encoding.open();
    this.#inbox = new Inbox(link, this.#framer, this.#encoder, !framing.keepsBoundaries);
    link.attach(this.#inbox);
  }

  /** Unique in this process; the same in every life-cycle event. */
  get id(): number {
    return this.#link.stream.id;
  }

  /** Our end, as an endpoint. */
  get local(): string {
    return this.#link.stream.local;
  }

  /** The peer's end, as an endpoint. */
  get remote(): string {
    return this.#link.stream.remote;
  }

  /** Inside TLS: what was agreed, and who the peer is. */
  get tls(): TlsState | undefined {
    return this.#link.stream.tls;
  }

  /** Over WebSocket: the HTTP request that it began with. */
  get request(): UpgradeRequest | undefined {
    return this.#link.stream.request;
  }

  /** Resolves, and never rejects, once the connection has ended: by whom, and why. */
  get closed(): Promise<Closed> {
    return this.#link.closed;
  }

  get stats(): ConnectionStats {
    const { input, writer, bytesReceived } = this.#link;
    return {
      bytesSent: writer.bytesSent,
      bytesReceived,
      messagesSent: writer.framesTaken,
      messagesReceived: this.#inbox.messagesReceived,
      pendingBytes: writer.pendingBytes,
      unreadBytes: input.size,
    };
  }

  /**
   * Takes the message, at once while there is room, else as soon as there is; messages of one turn leave in one write.
   * Resolved means taken, in order, and its bytes are the caller's again; it says nothing of the peer. Rejected means
   * not sent.
   * @throws ProtocolError, LimitError for a message that cannot be sent; LimitError if too many sends wait;
   * ClosedError, DisconnectedError once it has ended: these last need not be caught, `closed` tells them too.
   */
  send(message: Send, { signal }: SendOptions = {}): Promise<void> {
    const { writer, outputEnded } = this.#link;
    if (outputEnded || this.#inbox.detached !== undefined) return this.#cannotSend();
    if (signal?.aborted) return Promise.reject(signal.reason);
    let payload: Uint8Array;
    let header: Uint8Array;
    try {
      payload = this.#encoder.encode(message);
      header = this.#framer.header(payload);
    } catch (error) {
      return Promise.reject(this.#located(error));
    }
    const { trailer } = this.#framer;
    if (writer.hasRoom) {
      writer.take(header, payload, trailer);
      return taken;
    }
    // Encoders and framers use their memory again; the caller's own bytes stay as they are until we resolve.
    const kept = (payload as unknown) === message ? payload : payload.slice();
    return writer.wait({ header: header.slice(), payload: kept, trailer }, signal);
  }

  /**
   * Takes the message if there is room for it now; false if there is none, or no more can be sent.
   * @throws ProtocolError, LimitError for a message that cannot be sent.
   */
  trySend(message: Send): boolean {
    const { writer, outputEnded } = this.#link;
    if (outputEnded || this.#inbox.detached !== undefined || !writer.hasRoom) return false;
    try {
      const payload = this.#encoder.encode(message);
      writer.take(this.#framer.header(payload), payload, this.#framer.trailer);
    } catch (error) {
      throw this.#located(error);
    }
    return true;
  }

  /**
   * The next message; undefined once the peer has ended. What arrived before an end or a reset is delivered first.
   * An abort or a timeout ends the wait only.
   * @throws BusyError beside another reader; ProtocolError, LimitError for what cannot be read (the connection is cut
   * then); TimeoutError; DisconnectedError; ClosedError after our own `close` or `abort`.
   */
  receive(options?: ReceiveOptions): Promise<Receive | undefined> {
    return this.#inbox.receive(options);
  }

  /** Message by message; ends when the peer ends or we close. Leaving the loop leaves the connection open. */
  [Symbol.asyncIterator](): AsyncIterator<Receive, undefined> {
    return this.#inbox.messages();
  }

  /** What has arrived, up to 512 messages at once: quicker than one by one where they are small. */
  batches(): AsyncIterableIterator<Receive[], undefined> {
    return this.#inbox.batches();
  }

  /**
   * Half-close, behind all that was sent: the peer's `receive` gives undefined, ours goes on. Resolves once it is with
   * the kernel; rejects if it never will be, which need not be caught, since `closed` tells it too.
   * @throws UsageError over WebSocket.
   */
  end(): Promise<void> {
    if (this.#link.stream.carriesRecords === true) {
      const context = { op: "end", endpoint: this.remote, advice: "use close()" };
      return Promise.reject(new UsageError("a WebSocket has no half-close", context));
    }
    return this.#inbox.detached === undefined ? this.#link.end() : this.#cannotSend("end");
  }

  /**
   * The graceful end: sends what is queued, ends, and waits for the peer's end, discarding what it still sends. Never
   * rejects: whether everything got out is in `closed`.
   */
  close(): Promise<void> {
    return this.#link.close();
  }

  /** Release now: what is unsent is dropped, and the peer sees a reset where the transport has one. */
  abort(reason?: unknown): void {
    const text = reason === undefined ? "aborted" : reasonText(reason);
    const context = { endpoint: this.remote, cause: reason };
    this.#link.input.skip(this.#link.input.size);
    const failure = new ClosedError(`aborted here (${text})`, context);
    const error = reason instanceof Error ? { error: failure } : {};
    this.#link.abort({ by: "local", reason: text, ...error }, failure);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * The same connection in another format, from the next unread byte on, with the same limits unless others are given.
   * This object sends and receives nothing any more.
   * @throws BusyError while a `receive` waits; UsageError for a format that cannot be.
   */
  reframe<Frame = Uint8Array, NextSend = Frame, NextReceive = Frame>(
    options: FormatOptions<Frame, NextSend, NextReceive>,
  ): Connection<NextSend, NextReceive> {
    const all = { ...this.#format.limits, ...options };
    const format = this.#link.stream.carriesRecords === true ? recordsFormatOf(all) : formatOf(all);
    this.#inbox.detach("reframe");
    return new Connection(this.#link, format);
  }

  /**
   * Begins TLS on this connection, behind all that was sent: as its client where it was dialled, as its server where it
   * was accepted. This object sends and receives nothing any more; what it returns has the same format and limits.
   * Atomic: what came in the clear and is unread is an error, and so is what comes before the handshake.
   * @param tls `cert` and `key` for a server. For a client the name that was dialled is verified, or `serverName`.
   * @throws UsageError, BusyError: nothing has happened. ProtocolError (`ERR_CLEAR_TEXT`), CertificateError,
   * RefusedError, DisconnectedError, TimeoutError, the signal's own reason: the connection has ended.
   */
  async startTls(tls: TlsOptions, options: StartTlsOptions<Send> = {}): Promise<Connection<Send, Receive>> {
    const { announce } = options;
    this.#inbox.checkFree("startTls");
    if (this.#link.outputEnded) return this.#cannotSend("startTls");
    const begin = prepareTls(this.#link, tls, options, this.#format.limits.readBytesMax);
    const announced = announce === undefined ? undefined : this.send(announce);
    this.#inbox.detach("startTls");
    announced?.catch((error) => this.abort(error));
    await Promise.all([announced, begin()]);
    return new Connection(this.#link, this.#format);
  }

  /** Marked as handled: a peer that leaves must not end a process whose sends nobody awaits. */
  #cannotSend(op = "send"): Promise<never> {
    const { failure, closing } = this.#link;
    const reason = closing ? "the connection was closed here" : "this side has ended";
    const rejected = Promise.reject(
      failure ?? this.#inbox.detached ?? new ClosedError(reason, { op, endpoint: this.remote }),
    );
    rejected.catch(() => {});
    return rejected;
  }

  #located(error: unknown): unknown {
    return error instanceof SocketError ? error.locate("send", this.remote) : error;
  }
}
