// A session as its user holds it: messages that survive their links, and streams beside them.
// Invariant: `closed` resolves exactly once, with what became of every message; until then a link that breaks is no error.

import type { SocketError } from "../core/errors.js";
import type { Flow } from "../protocol/session/flow.js";
import { frameTypes, lastFlag } from "../protocol/session/frames.js";
import { SessionCore } from "./core.js";
import type { SessionClosed } from "./ending.js";
import { FlowSource, Messages, type SessionContext } from "./messages.js";
import type { SessionParts } from "./parts.js";
import type { SessionState } from "./states.js";
import type { SessionStream, StreamOptions } from "./stream.js";

/** Counters of one session, over all its links; bytes as they are on the wire. */
export interface SessionStats {
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** On the session itself, not on its streams. */
  readonly messagesSent: number;
  readonly messagesReceived: number;
  /** Sent and not acknowledged: what the outbox holds, as room counts it. */
  readonly unacknowledgedBytes: number;
  /** Arrived on the session itself and not asked for yet; frames as on the wire. */
  readonly unreadBytes: number;
  /**
   * Numbers of the last frame sent, acknowledged by the peer, and received: openings, messages and ends, of the session
   * and its streams, are counted as one row from 1.
   */
  readonly sentSeq: number;
  readonly acknowledgedSeq: number;
  readonly receivedSeq: number;
  /** Streams in use. */
  readonly streams: number;
  /** Links so far. */
  readonly links: number;
  /** Of the last PING; undefined before the first. */
  readonly roundTripMs: number | undefined;
  /** Since the last byte came in; undefined while there is no link. */
  readonly silentMs: number | undefined;
}

/** The link that carries a session now, as its life-cycle events call it, and what it alone has carried. */
export interface SessionLinkInfo {
  readonly id: number;
  readonly local: string;
  readonly remote: string;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

export interface OpenStreamOptions<Send> extends StreamOptions {
  /** The stream's first message, which goes with it. */
  readonly message?: Send;
  /** Ends our direction at once, behind that message if there is one. */
  readonly end?: boolean | undefined;
}

const none = new Uint8Array(0);

export class Session<Send = Uint8Array, Receive = Send>
  extends Messages<Send, Receive>
  implements AsyncDisposable
{
  readonly #core: SessionCore<Send, Receive>;

  /** Not for users: `openSession` and `serveSessions` make sessions. */
  constructor(parts: SessionParts<Send, Receive>) {
    const core = new SessionCore<Send, Receive>(parts, () => this.look());
    const flow = core.pump.machine.streams.main;
    super(core, flow, parts.settings.encoding, new MainSource(core, flow));
    this.#core = core;
  }

  /** 16 random bytes in hex; no secret, the same at both ends. */
  get id(): string {
    return this.#core.id;
  }

  /** Our end of the last link, as an endpoint. */
  get local(): string {
    return this.#core.local;
  }

  /** The peer's end of the last link, as an endpoint. */
  get remote(): string {
    return this.#core.remote;
  }

  get state(): SessionState {
    return this.#core.state;
  }

  /** Whether anything may still be sent: neither side has closed it. */
  get canSend(): boolean {
    return this.sendFailure() === undefined;
  }

  /** The state now, and then each time it has changed; ends behind `closed`. */
  states(): AsyncGenerator<SessionState, void> {
    return this.#core.board.follow();
  }

  get stats(): SessionStats {
    const { pump, links } = this.#core;
    const { machine } = pump;
    return {
      ...pump.stats,
      messagesSent: machine.streams.main.messagesSent,
      messagesReceived: this.messagesReceived,
      unacknowledgedBytes: machine.outboxBytes,
      unreadBytes: machine.streams.main.readableBytes,
      sentSeq: machine.sent,
      acknowledgedSeq: machine.acknowledged,
      receivedSeq: machine.received,
      streams: machine.streams.size,
      links,
      roundTripMs: machine.roundTripMs,
      silentMs: pump.link === undefined ? undefined : Math.round(this.#core.clock.now() - pump.heardAt),
    };
  }

  /** What carries it now; undefined while nothing does. */
  get link(): SessionLinkInfo | undefined {
    const { link } = this.#core.pump;
    if (link === undefined) return undefined;
    const { bytesSent, bytesReceived } = link;
    const { id, local, remote } = link.stream;
    return { id, local, remote, bytesSent, bytesReceived };
  }

  /** Resolves, and never rejects, once it is over: by whom, why, and what became of what was sent. */
  get closed(): Promise<SessionClosed<Send>> {
    return this.#core.closed;
  }

  /**
   * Resolves once the peer's process has all that was taken so far, on the session and its streams, and what waits on
   * the session itself. Its reader may not have looked at it yet.
   * @throws ClosedError, DisconnectedError, … if the session ends first; the signal's own reason.
   */
  async flush({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    signal?.throwIfAborted();
    const flushed = this.#core.flush();
    if (signal === undefined) return flushed;
    flushed.catch(() => {});
    let stop = () => {};
    const aborted = new Promise<never>((_, reject) => {
      const abort = () => reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      stop = () => signal.removeEventListener("abort", abort);
    });
    await Promise.race([flushed, aborted]).finally(stop);
  }

  /**
   * Opens a stream: messages of their own, beside the session's. Waits while the peer takes no more, or there is no room.
   * @throws LimitError for a name with metadata above `openBytesMax`, one that does not fit `outboxBytesMax` with its
   * message, a peer that takes no streams, or too many calls that wait; ProtocolError for metadata or a message that cannot be encoded; ClosedError, DisconnectedError once the session has ended; the signal's
   * own reason. Nothing is opened then.
   */
  async open(name: string, options: OpenStreamOptions<Send> = {}): Promise<SessionStream<Send, Receive>> {
    const { metadata, signal } = options;
    signal?.throwIfAborted();
    const failure = this.sendFailure();
    if (failure !== undefined) throw failure;
    const hasMessage = options.message !== undefined;
    const head = this.#core.openHead(name, metadata, hasMessage);
    const message = hasMessage ? this.encode(options.message as Send).slice() : none;
    this.#core.checkRoom(name, head.length + message.length);
    const flow = await this.#core.openings.take(name, metadata, head.length + message.length, signal);
    try {
      const stream = this.#core.stream(flow);
      // While we waited for a free stream.
      signal?.throwIfAborted();
      const ended = this.sendFailure();
      if (ended !== undefined) throw ended;
      await this.waitFor(
        {
          flow,
          type: options.end === true ? frameTypes.open | lastFlag : frameTypes.open,
          first: head,
          second: message,
          messageBytes: hasMessage ? message.length : undefined,
        },
        signal,
      );
      return stream;
    } catch (error) {
      this.#core.pump.machine.forget(flow);
      throw error;
    }
  }

  /** The streams that the peer opens, one by one; ends with the session. One reader at a time. */
  streams(): AsyncIterableIterator<SessionStream<Send, Receive>, undefined> {
    return this.#core.arrived.iterate();
  }

  /**
   * The graceful end: sends what is taken and what waits, and resolves once both sides know that the other has all, or
   * after `drainMs`. What arrives and was not read is discarded. Never rejects: `closed` tells what became of it.
   */
  async close(): Promise<void> {
    this.#core.close();
    this.look();
    await this.closed;
  }

  /** The end now: the peer is told if there is a link; what is unread is discarded. */
  abort(reason?: unknown): void {
    this.#core.abort(reason);
  }

  /** Cuts the link that carries the session now, as a broken cable would: it resumes over another. */
  cutLink(): void {
    this.#core.cutLink();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  protected sendFailure(): SocketError | undefined {
    return this.#core.sendFailure;
  }

  /** Not for users: what drives the session's links. */
  static core<Send, Receive>(session: Session<Send, Receive>): SessionCore<Send, Receive> {
    return session.#core;
  }
}

class MainSource extends FlowSource {
  readonly noun = "session";
  readonly #core: Pick<SessionCore<never, unknown>, "refuse">;

  constructor(core: SessionContext & Pick<SessionCore<never, unknown>, "refuse">, flow: Flow) {
    super(core, flow);
    this.#core = core;
  }

  get closing(): boolean {
    return this.context.isClosing;
  }

  get inputFailure(): SocketError | undefined {
    return this.context.over?.error;
  }

  refuse(error: SocketError): void {
    this.#core.refuse(error);
  }
}
