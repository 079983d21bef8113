// What a session is behind its user's object: its machine, its ends, and who waits for what.
// Invariant: whatever ends it, everybody who waits is told, once.

import type { Clock, Timer } from "../core/clock.js";
import { ClosedError, DisconnectedError, LimitError, SocketError } from "../core/errors.js";
import { nextSocketId, tell } from "../core/lifecycle.js";
import { reasonText } from "../core/reason.js";
import type { Ending } from "../protocol/session/contract.js";
import type { Flow } from "../protocol/session/flow.js";
import { encodeOpenHead } from "../protocol/session/open-frame.js";
import type { GoAway } from "../protocol/session/words.js";
import { ArrivedStreams } from "./arrived-streams.js";
import { errorOf, reportOf, type SessionClosed } from "./ending.js";
import { Flushes } from "./flushes.js";
import type { SessionContext } from "./messages.js";
import { Openings } from "./openings.js";
import type { SessionParts } from "./parts.js";
import { Pump, type PumpOwner } from "./pump.js";
import type { SessionLink } from "./session-link.js";
import { type SessionState, StateBoard } from "./states.js";
import { SessionStream } from "./stream.js";

export class SessionCore<Send, Receive> implements SessionContext, PumpOwner {
  readonly id: string;
  readonly pump: Pump;
  readonly clock: Clock;
  readonly messageBytesMax: number;
  readonly drainMs: number;
  readonly board: StateBoard;
  readonly arrived: ArrivedStreams<SessionStream<Send, Receive>> = new ArrivedStreams();
  readonly openings: Openings;
  readonly waits: Set<Promise<unknown>> = new Set();
  readonly #socketId: number = nextSocketId();
  readonly #parts: SessionParts<Send, Receive>;
  readonly #look: () => void;
  readonly #flushes = new Flushes();
  /** Streams that somebody may hold; an entry lives as long as its stream. */
  readonly #streams = new WeakMap<Flow, SessionStream<Send, Receive>>();
  readonly #closed: Promise<SessionClosed<Send>>;
  #resolveClosed: (closed: SessionClosed<Send>) => void = () => {};
  #closeTimer: Timer;
  #why: string | undefined;
  #isDraining = false;
  /** The error that a local mistake was, behind the words that the peer is told. */
  #cause: SocketError | undefined;
  over: { readonly error: SocketError | undefined } | undefined;
  isClosing = false;
  /** Aborted here: what is unread is discarded. */
  isAborted = false;
  local = "";
  remote: string;
  links = 0;

  /** @param look Makes the session's own reader look at what has come. */
  constructor(parts: SessionParts<Send, Receive>, look: () => void) {
    const { settings, peerLimits, isClient } = parts;
    const { limits, heartbeat, ackDelayMs, slabs, clock, lingerMs } = settings;
    this.#parts = parts;
    this.#look = look;
    this.id = parts.id;
    this.remote = parts.remote;
    this.clock = clock;
    this.drainMs = settings.drainMs;
    this.messageBytesMax = Math.min(peerLimits.messageBytesMax, limits.outboxBytesMax);
    this.pump = new Pump(
      { isClient, limits, peerLimits, heartbeat, ackDelayMs, slabs, clock, lingerMs },
      this,
    );
    this.openings = new Openings(this.pump.machine.streams);
    this.board = new StateBoard(() => this.state);
    this.#closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#tell("created");
  }

  get closed(): Promise<SessionClosed<Send>> {
    return this.#closed;
  }

  get state(): SessionState {
    if (this.over !== undefined) return { name: "closed", why: this.#why };
    const { downSince } = this.pump;
    if (downSince !== undefined) {
      return { name: "resuming", why: this.#why, downMs: Math.round(this.clock.now() - downSince) };
    }
    return this.#isDraining || this.isClosing ? { name: "draining", why: this.#why } : { name: "open" };
  }

  /** Goes on over this link. */
  attach(link: SessionLink, peerReceived: number, rest: Uint8Array): void {
    this.local = link.stream.local;
    this.remote = link.stream.remote;
    this.links += 1;
    if (this.over === undefined) this.#tell(this.links === 1 ? "open" : "resumed");
    this.pump.attach(link, peerReceived, rest);
    this.board.change();
  }

  /** Why nothing can be sent any more; undefined while something can. */
  get sendFailure(): SocketError | undefined {
    const { ending, isClosing } = this.pump.machine;
    return ending === undefined && !isClosing ? undefined : this.#endError("send");
  }

  /** OPEN before its message. @throws LimitError, ProtocolError as `open` does. */
  openHead(name: string, metadata: unknown, hasMessage: boolean): Uint8Array {
    const { openBytesMax, streamsMax } = this.#parts.peerLimits;
    const op = `open ${JSON.stringify(name)}`;
    if (streamsMax === 0) throw new LimitError("streamsMax", 1, 0, { op, endpoint: this.remote });
    try {
      return encodeOpenHead({ name, metadata }, hasMessage, openBytesMax);
    } catch (error) {
      throw error instanceof SocketError ? error.locate(op, this.remote) : error;
    }
  }

  /** @throws LimitError for an OPEN that our own outbox could never hold: it would wait for ever, and all others behind it. */
  checkRoom(name: string, openBytes: number): void {
    const { outboxBytesMax } = this.#parts.settings.limits;
    if (openBytes <= outboxBytesMax) return;
    const context = { op: `open ${JSON.stringify(name)}`, endpoint: this.remote };
    throw new LimitError("outboxBytesMax", openBytes, outboxBytesMax, context);
  }

  /** The user's object for a stream. */
  stream(flow: Flow): SessionStream<Send, Receive> {
    const stream = new SessionStream(this, flow, this.#parts.settings.encoding);
    this.#streams.set(flow, stream);
    return stream;
  }

  async flush(): Promise<void> {
    for (const failure of await Promise.all(this.waits)) if (failure !== undefined) throw failure;
    const { machine } = this.pump;
    if (machine.acknowledged === machine.sent) return;
    if (this.over !== undefined) throw this.#endError("flush");
    const flushed = this.#flushes.wait(machine.sent);
    machine.flush();
    await flushed;
  }

  close(): void {
    if (this.isClosing || this.over !== undefined) return;
    this.isClosing = true;
    const { machine } = this.pump;
    const { drainMs } = this;
    machine.close("closed");
    for (const flow of machine.streams) this.#giveUpReading(flow);
    this.arrived.end();
    this.board.change();
    this.#closeTimer = this.clock.setTimer(() => {
      this.end({
        by: "local",
        code: "aborted",
        reason: `closed, and not confirmed by the peer within ${drainMs} ms`,
      });
    }, drainMs);
  }

  abort(reason: unknown): void {
    const text = reason === undefined ? "aborted" : reasonText(reason);
    if (this.over === undefined) {
      this.#cause = new ClosedError(`aborted here (${text})`, { endpoint: this.remote, cause: reason });
      this.end({ by: "local", code: "aborted", reason: text });
    }
    this.isAborted = true;
    for (const flow of this.pump.machine.streams) flow.dropInput();
  }

  /** A message of the session itself cannot be decoded: nothing behind it makes sense. */
  refuse(error: SocketError): void {
    this.#cause = error;
    this.end({ by: "remote", code: "undecodable", reason: error.reason });
  }

  /** Ends it now; the peer is told if there is a link. */
  end(ending: Ending, cause?: SocketError): void {
    this.#cause ??= cause;
    this.pump.end(ending);
    if (this.pump.link === undefined) this.onFinished();
  }

  /** The other side has closed it too, though its last word was lost. */
  endCleanly(): void {
    this.end({ by: this.isClosing ? "local" : "remote", code: "closed", reason: "closed" });
  }

  /** Another attempt at a link failed; the next one follows. */
  attemptFailed(error: SocketError): void {
    this.#why = error.reason;
    this.board.change();
  }

  cutLink(): void {
    this.pump.breakLink(
      new DisconnectedError("ERR_CONNECTION_LOST", "the link was cut here", { endpoint: this.remote }),
    );
  }

  // What the pump tells.

  onConfirmed(): void {
    this.#parts.hooks.onConfirmed();
  }

  onOpened(flow: Flow): void {
    const stream = this.stream(flow);
    if (this.isClosing) this.#giveUpReading(flow);
    else this.arrived.push(stream);
  }

  onInput(flow: Flow): void {
    if (flow.id === 0) {
      this.#look();
      return;
    }
    const stream = this.#streams.get(flow);
    if (stream === undefined) return;
    if (flow.abortedByPeer !== undefined && this.arrived.drop(stream)) flow.dropInput();
    else stream.onInput();
  }

  onProgress(): void {
    this.#flushes.acknowledge(this.pump.machine.acknowledged);
    this.openings.admit();
  }

  onGoAway({ reason }: GoAway): void {
    if (this.over !== undefined) return;
    this.#isDraining = true;
    this.#why = reason;
    this.board.change();
  }

  onPeerClosing(reason: string): void {
    if (this.over !== undefined) return;
    this.#isDraining = true;
    this.#why = reason;
    this.openings.fail(this.#endError("open"));
    this.board.change();
  }

  onBroken(reason: string): void {
    this.onDetached(new DisconnectedError("ERR_CONNECTION_LOST", reason, { endpoint: this.remote }));
  }

  onDetached(why: SocketError): void {
    this.#why = why.reason;
    if (this.over === undefined) {
      this.#tell("resuming", { reason: why.reason, error: why });
      this.board.change();
    }
    this.#parts.hooks.onDetached(why);
  }

  onFinished(): void {
    this.#parts.hooks.onFinished();
  }

  onClosed(ending: Ending): void {
    const { by, reason, code } = ending;
    const { machine } = this.pump;
    const error = this.#endedBy;
    this.over = { error };
    this.#why = reason === "" ? code : reason;
    this.clock.clearTimer(this.#closeTimer);
    this.arrived.end();
    const failure = error ?? this.#endError("flush");
    if (machine.acknowledged === machine.sent) this.#flushes.acknowledge(machine.sent);
    this.#flushes.fail(failure);
    this.openings.fail(error ?? this.#endError("open"));
    this.#look();
    for (const flow of machine.streams) this.#streams.get(flow)?.onInput();
    this.board.change();
    this.#tell("closed", { by, reason: this.#why, error });
    const report = reportOf<Send>(machine, this.#parts.settings.encoding as never);
    this.#resolveClosed({ by, reason: this.#why, ...(error === undefined ? {} : { error }), ...report });
    this.#parts.hooks.onClosed();
  }

  #giveUpReading(flow: Flow): void {
    this.pump.machine.discard(flow);
    if (flow.id !== 0) this.#streams.get(flow)?.onInput();
  }

  #endError(op: string): SocketError {
    const reason = this.isClosing ? "the session was closed here" : "the peer has closed the session";
    return this.#endedBy ?? new ClosedError(reason, { op, endpoint: this.remote });
  }

  /** What the end is to those who still use it, from when the machine knows of it; undefined for an end in order. */
  get #endedBy(): SocketError | undefined {
    const { ending } = this.pump.machine;
    if (ending === undefined || ending.code === "closed") return undefined;
    this.#cause ??= errorOf(ending, this.remote);
    return this.#cause;
  }

  #tell(
    name: "created" | "open" | "resuming" | "resumed" | "closed",
    more: {
      readonly by?: Ending["by"];
      readonly reason?: string | undefined;
      readonly error?: SocketError | undefined;
    } = {},
  ): void {
    const { observer } = this.#parts.settings;
    tell(observer, {
      name,
      id: this.#socketId,
      kind: "session",
      session: this.id,
      remote: this.remote,
      ...more,
    });
  }
}
