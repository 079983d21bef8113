// One side of a session, without its links: docs/PROTOCOL.md sections 3 to 8. It is told what arrives, what the
// application does and what time it is; it says what to write, when to look again, and what has happened.
// Invariant: all that is in the outbox may always be written, so a link never waits for anything but itself; and what
// the peer does wrong ends a link or the session, never this process.

import { Arrivals } from "./arrivals.js";
import { Closing } from "./closing.js";
import type { Ending, MachineOptions, MachineSink } from "./contract.js";
import { Dues } from "./dues.js";
import type { Flow, Words } from "./flow.js";
import { frameTypes, headerBytes, lastFlag, readUint24 } from "./frames.js";
import { Heartbeat, type Verdict } from "./heartbeat.js";
import type { Inbound } from "./inbound.js";
import { Outbox, type SentFrame, type Writing } from "./outbox.js";
import { Outgoing } from "./outgoing.js";
import { Speaker } from "./speaker.js";
import { Streams } from "./streams.js";
import { invariant, Violation, violations } from "./violation.js";
import type { WaitingSend } from "./waiting.js";
import { encodeGoAway, type GoAway } from "./words.js";

export class SessionMachine {
  readonly streams: Streams;
  readonly outgoing: Outgoing;
  readonly #options: MachineOptions;
  readonly #sink: MachineSink;
  readonly #outbox: Outbox;
  readonly #inbound: Inbound;
  readonly #arrivals: Arrivals;
  readonly #dues: Dues;
  readonly #speaker: Speaker;
  readonly #closing = new Closing();
  /** There is one for each link. */
  #heartbeat: Heartbeat | undefined;
  #now: number;
  #isResumed = false;
  #goAway: Uint8Array | undefined;
  /** Where the last violation happened. */
  #violatedAt: number | undefined;
  #pingSentAt = 0;
  /** Milliseconds from the last PING to its PONG; undefined before the first. */
  roundTripMs: number | undefined;
  /** Set once it is over. */
  ending: Ending | undefined;

  constructor(options: MachineOptions, sink: MachineSink, now: number) {
    const { isClient, limits, peerLimits, slabs, ackDelayMs } = options;
    this.#options = options;
    this.#sink = sink;
    this.#now = now;
    this.#outbox = new Outbox(limits.outboxBytesMax, slabs);
    this.#dues = new Dues(ackDelayMs);
    this.outgoing = new Outgoing(this.#outbox);
    this.streams = new Streams(isClient, limits, peerLimits, now);
    const { streams, outgoing } = this;
    const parts = {
      limits,
      isClient,
      streams,
      dues: this.#dues,
      outgoing,
      closing: this.#closing,
      outbox: this.#outbox,
      sink,
    };
    this.#arrivals = new Arrivals(parts, {
      onPong: () => this.#onPong(),
      onEnded: (ending) => this.#finish(ending),
    });
    this.#inbound = this.#arrivals.inbound;
    this.#speaker = new Speaker({
      outbox: this.#outbox,
      outgoing,
      inbound: this.#inbound,
      closing: this.#closing,
      dues: this.#dues,
      slabs,
      peerOutboxBytes: peerLimits.outboxBytesMax,
    });
  }

  /** The number of the last frame received in order; to be told to a peer only once the old link is cut. */
  get received(): number {
    return this.#inbound.received;
  }

  get sent(): number {
    return this.#outbox.sent;
  }

  get acknowledged(): number {
    return this.#outbox.acknowledged;
  }

  /** What the outbox holds, at its cost. */
  get outboxBytes(): number {
    return this.#outbox.usedBytes;
  }

  /** What this link has not been given yet. */
  get unwrittenBytes(): number {
    return this.#outbox.unwritten;
  }

  get isAttached(): boolean {
    return this.#heartbeat !== undefined;
  }

  /** Nothing more can be sent: CLOSE was asked for, or heard. */
  get isClosing(): boolean {
    return this.#closing.isAsked || this.#closing.isHeard;
  }

  /** Both sides have said CLOSE and CLOSE_ACK: all has arrived. */
  get isDone(): boolean {
    return this.#closing.isDone;
  }

  /** It is over, and there is nothing left to say on this link. */
  get isSettled(): boolean {
    if (this.ending === undefined) return false;
    return this.ending.code !== "closed" || this.#closing.isSettled;
  }

  /**
   * CLOSE is said, nothing that was sent is unacknowledged, and nothing is missing of what the peer's CLOSE announced: a
   * peer that knows no session any more has closed it.
   */
  get isCleanIfGone(): boolean {
    const { acknowledged, sent } = this.#outbox;
    return this.#closing.isSaid && acknowledged === sent && !this.#closing.isMissing(this.received);
  }

  /** When to call `expire`. */
  get deadline(): number {
    if (this.#heartbeat === undefined) return Number.POSITIVE_INFINITY;
    return Math.min(this.#dues.deadline, this.#heartbeat.deadline);
  }

  /** What is sent and not acknowledged, oldest first. */
  unacknowledged(): Iterable<SentFrame> {
    return this.#outbox.frames();
  }

  /** Whether a peer may say that it has received this much, before a resume. */
  mayHaveReceived(received: number): boolean {
    return received >= this.#outbox.acknowledged && received <= this.#outbox.sent;
  }

  /** A link after its handshake, in which the peer said what it has received. */
  attach(peerReceived: number, now: number): void {
    invariant(this.#heartbeat === undefined, "a link came before the old one was cut");
    this.#now = now;
    this.#heartbeat = new Heartbeat(this.#options.heartbeat, now);
    this.#guard(() => {
      this.#arrivals.restart(peerReceived);
      this.#dues.restart();
      this.#closing.restart();
      this.#dues.ack(this.received, now);
      this.#dues.isUrgent = true;
      if (this.#isResumed) this.#sayAgain();
      this.outgoing.admit();
    });
    this.#isResumed = true;
    this.#sink.onProgress();
    this.#output();
  }

  /** The client came back before its first ACK did: the resume counts as it. */
  confirm(): void {
    this.#arrivals.confirm();
  }

  /** The link is cut, by whomever. */
  detach(): void {
    this.#heartbeat = undefined;
    this.#inbound.restart();
    this.#dues.restart();
  }

  /** Bytes from the link. */
  receive(chunk: Uint8Array, now: number): void {
    if (this.#heartbeat === undefined) return;
    // An end in order is made good for the peer; behind any other nothing is taken, or it would come out behind a gap.
    if (this.ending !== undefined && this.ending.code !== "closed") return;
    this.#now = now;
    this.#heartbeat.heard(now);
    this.#guard(() => this.#arrivals.receive(chunk, now));
    if (this.isAttached) this.#speaker.considerAck(now);
    this.#output();
  }

  /** The next bytes for the link; undefined if there is nothing to say. One at a time: release it first. */
  writing(now: number): Writing | undefined {
    if (this.#heartbeat === undefined) return undefined;
    this.#now = now;
    const writing = this.#speaker.next(now);
    if (writing !== undefined) this.#heartbeat.spoke(now);
    this.#finishIfDone();
    return writing;
  }

  /** Time has passed: call at `deadline`, up to 100 ms late. */
  expire(now: number): void {
    this.#now = now;
    if (now >= this.#dues.deadline) this.#dues.isUrgent = true;
    if (this.#heartbeat !== undefined) this.#act(this.#heartbeat.check(now));
    this.#output();
  }

  /** Something outside makes the link doubtful: asks the peer, and cuts the link if nothing comes soon. */
  probe(now: number): void {
    this.#now = now;
    if (this.#heartbeat !== undefined) this.#act(this.#heartbeat.probe(now));
    this.#output();
  }

  /** Takes a message for which `outgoing.hasRoom`. */
  send(flow: Flow, payload: Uint8Array, isLast: boolean): void {
    this.outgoing.takeMessage(flow, payload, isLast);
    this.#sink.onOutput();
  }

  /** Takes a frame as soon as there is credit and room for it. */
  wait(send: WaitingSend): void {
    this.outgoing.wait(send);
    this.#output();
  }

  /** False if it was taken, or has failed, already. Without its OPEN a stream is none. */
  cancel(send: WaitingSend): boolean {
    const isCancelled = this.outgoing.cancel(send);
    const isOpen = (send.type & ~lastFlag) === frameTypes.open;
    if (isCancelled && isOpen) this.#forget(send.flow, new Error("the stream was not opened"));
    this.#output();
    return isCancelled;
  }

  /** A stream of ours that was never said: its id is free. */
  forget(flow: Flow): void {
    this.streams.release(flow);
    this.#sink.onProgress();
  }

  /** Asks the peer to acknowledge all that was sent so far. */
  flush(): void {
    this.#speaker.askForAck();
    this.#output();
  }

  /** Ends both directions of a stream now; what waits fails with `error`. */
  abort(flow: Flow, words: Words, error: Error): void {
    if (!flow.isOpened) {
      this.#forget(flow, error);
      return;
    }
    this.outgoing.fail(flow, error);
    this.#inbound.discard(flow);
    this.#dues.forgetCredit(flow);
    if (flow.receiving === "open" || flow.sending === "open") {
      if (!this.#closing.isSaid) this.outgoing.sayAbort(flow, words);
    }
    this.#output();
  }

  /** The reader has taken a message. True if that may have moved `deadline`. */
  take(flow: Flow, messageBytes: number): boolean {
    flow.take(messageBytes);
    if (flow.receiving !== "open" || this.#heartbeat === undefined) return false;
    // Most messages follow one for which it is due already.
    if (flow.isCreditDue && (this.#dues.isUrgent || !flow.isCreditUrgent)) return false;
    this.#dues.credit(flow, this.#now);
    this.#output();
    return true;
  }

  /** Nobody will read the stream: what is here and what comes is dropped, and the peer may go on. */
  discard(flow: Flow): void {
    while (flow.readableBytes > 0 && !this.#closing.isAsked) {
      const length = readUint24(flow.input.peek(), 0);
      flow.input.skip(headerBytes + length);
      this.take(flow, length);
    }
    this.#inbound.discard(flow);
  }

  /** The application is about to close. */
  goAway(words: GoAway): void {
    this.#goAway = encodeGoAway(words);
    if (this.isAttached) this.#dues.goAway(this.#goAway);
    this.#output();
  }

  /** Closes in order, behind what waits now: nothing more may be sent. */
  close(reason: string): void {
    this.#closing.ask(reason);
    this.#output();
  }

  /** Ends the session now, with a word to the peer where there is a link. */
  end(ending: Ending): void {
    if (this.ending !== undefined) return;
    if (this.isAttached) {
      this.#dues.close(this.#closing.atOnce(ending.code, ending.reason));
      this.#sink.onOutput();
    }
    this.#finish(ending);
  }

  /** A stream that the peer has never heard of. */
  #forget(flow: Flow, error: Error): void {
    this.outgoing.fail(flow, error);
    this.streams.release(flow);
    this.#sink.onProgress();
  }

  /** On a link that resumes: all that the peer may have missed and that is no numbered frame. */
  #sayAgain(): void {
    for (const flow of this.streams) {
      if (flow.receiving === "open") this.#dues.credit(flow, this.#now);
    }
    if (this.#goAway !== undefined) this.#dues.goAway(this.#goAway);
    if (this.#closing.words !== undefined) this.#dues.close(this.#closing.words);
  }

  #ping(): void {
    this.#pingSentAt = this.#now;
    this.#speaker.ping(this.#now);
  }

  #onPong(): void {
    this.roundTripMs = this.#now - this.#pingSentAt;
  }

  #act(verdict: Verdict): void {
    if (verdict === "ping") this.#ping();
    if (verdict === "dead") this.#break("the peer gave no sign of life");
  }

  #break(reason: string): void {
    this.detach();
    this.#sink.onBroken(reason);
  }

  /** Runs what the peer's bytes set off. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof Violation)) {
        const reason = error instanceof Error ? error.message : String(error);
        this.end({ by: "local", code: "aborted", reason });
        return;
      }
      const { code, message } = error;
      const isRepeated = this.#violatedAt === this.received;
      this.#violatedAt = this.received;
      if (violations[code] === "link" && !isRepeated) this.#break(`the peer broke the protocol: ${message}`);
      else this.end({ by: "remote", code: code === "abuse" ? "abuse" : "protocol", reason: message });
    }
  }

  #finishIfDone(): void {
    if (!this.#closing.isDone || this.ending !== undefined) return;
    const { by, reason } = this.#closing;
    this.#finish({ by, code: "closed", reason });
  }

  #finish(ending: Ending): void {
    if (this.ending !== undefined) return;
    this.ending = ending;
    for (const flow of this.streams) this.outgoing.fail(flow, new Error(ending.reason));
    this.#sink.onClosed(ending);
  }

  #output(): void {
    if (this.isAttached && this.#speaker.isWanted) this.#sink.onOutput();
  }
}
