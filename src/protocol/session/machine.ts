// One side of a session, without its links: docs/PROTOCOL.md sections 3 to 8. It is told what arrives, what the
// application does and what time it is; it says what to write, when to look again, and what has happened.
// Invariant: all that is in the outbox may always be written, so a link never waits for anything but itself; and what
// the peer does wrong ends a link or the session, never this process.

import { Arrivals } from "./arrivals.js";
import { Closing } from "./closing.js";
import type { Ending, MachineOptions, MachineSink } from "./contract.js";
import { Departures } from "./departures.js";
import { Dues } from "./dues.js";
import type { Flow, Words } from "./flow.js";
import { Heartbeat, type Verdict } from "./heartbeat.js";
import type { Inbound } from "./inbound.js";
import { Outbox, type SentFrame, type Writing } from "./outbox.js";
import { Outgoing } from "./outgoing.js";
import { Speaker } from "./speaker.js";
import { Streams } from "./streams.js";
import { invariant, Judge } from "./violation.js";
import type { WaitingSend } from "./waiting.js";
import { encodeClose, encodeGoAway, type GoAway } from "./words.js";

const never = Number.POSITIVE_INFINITY;
export class SessionMachine {
  readonly streams: Streams;
  readonly outgoing: Outgoing;
  readonly #options: MachineOptions;
  readonly #sink: MachineSink;
  readonly #outbox: Outbox;
  readonly #inbound: Inbound;
  readonly #arrivals: Arrivals;
  readonly #dues: Dues;
  readonly #departures: Departures;
  readonly #speaker: Speaker;
  readonly #closing = new Closing();
  /** There is one for each link. */
  #heartbeat: Heartbeat | undefined;
  #now: number;
  #isResumed = false;
  readonly #judge = new Judge();
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
    const [streams, outgoing, dues, outbox] = [this.streams, this.outgoing, this.#dues, this.#outbox];
    const closing = this.#closing;
    const parts = { limits, isClient, streams, dues, outgoing, closing, outbox, sink };
    this.#arrivals = new Arrivals(parts, {
      onPong: (token) => this.#speaker.hearPong(token, this.#now),
      onEnded: (ending) => {
        // There is nobody to answer.
        this.detach();
        this.#finish(ending);
      },
    });
    const { inbound } = this.#arrivals;
    this.#inbound = inbound;
    const peerOutboxBytes = peerLimits.outboxBytesMax;
    this.#speaker = new Speaker({ outbox, outgoing, inbound, closing, dues, slabs, peerOutboxBytes });
    this.#departures = new Departures({ streams, outgoing, inbound, closing, dues, sink });
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

  /** Milliseconds from a PING to its PONG, the last time; undefined before the first. */
  get roundTripMs(): number | undefined {
    return this.#speaker.roundTripMs;
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
    return this.#isEndedAtOnce || this.#closing.isSettled;
  }

  /** CLOSE is said, all of ours is acknowledged, nothing of the peer's is missing: a peer that is gone has closed it. */
  get isCleanIfGone(): boolean {
    const { acknowledged, sent } = this.#outbox;
    return this.#closing.isSaid && acknowledged === sent && !this.#closing.isMissing(this.received);
  }

  /** When to call `expire`. */
  get deadline(): number {
    return this.#pulse === undefined ? never : Math.min(this.#dues.deadline, this.#pulse.deadline);
  }

  /** What is sent and not acknowledged, oldest first. */
  unacknowledged(): Iterable<SentFrame> {
    return this.#outbox.frames();
  }

  /** Whether a peer may say that it has received this much, before a resume. */
  mayHaveReceived(received: number): boolean {
    return this.#outbox.mayHaveArrived(received);
  }

  /** A link after its handshake, in which the peer said what it has received. */
  attach(peerReceived: number, now: number): void {
    invariant(this.#heartbeat === undefined, "a link came before the old one was cut");
    this.#now = now;
    this.#heartbeat = new Heartbeat(this.#options.heartbeat, now);
    this.#guard(() => {
      this.#arrivals.restart(peerReceived);
      this.#speaker.restart(this.#isResumed ? this.streams : [], now);
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
    if (this.#pulse === undefined) return;
    this.#now = now;
    this.#pulse.heard(now);
    this.#guard(() => this.#arrivals.receive(chunk, now));
    if (this.isAttached) this.#speaker.considerAck(now);
    this.#finish(this.#closing.ending);
    this.#output();
  }

  /** The next bytes for the link; undefined if there is nothing to say. One at a time: release it first. */
  writing(now: number): Writing | undefined {
    if (this.#heartbeat === undefined) return undefined;
    this.#now = now;
    const writing = this.#speaker.next(now);
    if (writing !== undefined) this.#heartbeat.spoke(now);
    this.#finish(this.#closing.ending);
    return writing;
  }

  /** Time has passed: call at `deadline`, up to 100 ms late. */
  expire(now: number): void {
    this.#now = now;
    if (now >= this.#dues.deadline) this.#dues.isUrgent = true;
    this.#act(this.#pulse?.check(now));
    this.#output();
  }

  /** Something outside makes the link doubtful: asks the peer, and cuts the link if nothing comes soon. */
  probe(now: number): void {
    this.#now = now;
    this.#act(this.#pulse?.probe(now));
    this.#output();
  }

  /** Takes a message for which `outgoing.hasRoom`. */
  send(flow: Flow, payload: Uint8Array, isLast: boolean): void {
    invariant(!this.#closing.isSaid, "a message comes behind CLOSE");
    this.outgoing.takeMessage(flow, payload, isLast);
    this.#sink.onOutput();
  }

  /** Takes a frame as soon as there is credit and room for it. */
  wait(send: WaitingSend): void {
    invariant(!this.#closing.isSaid, "a frame comes behind CLOSE");
    this.outgoing.wait(send);
    this.#output();
  }

  /** False if it was taken, or has failed, already. Without its OPEN a stream is none. */
  cancel(send: WaitingSend): boolean {
    const isCancelled = this.#departures.cancel(send);
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
    this.#departures.abort(flow, words, error);
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
    this.#departures.discard(flow, this.#now);
    this.#output();
  }

  goAway(words: GoAway): void {
    this.#speaker.goAway(encodeGoAway(words));
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
      this.#speaker.sayLast(encodeClose({ ...ending, final: 0 }));
      this.#sink.onOutput();
    }
    this.#finish(ending);
  }

  /** Undefined where nothing is to be heard any more. */
  get #pulse(): Heartbeat | undefined {
    return this.#isEndedAtOnce ? undefined : this.#heartbeat;
  }

  get #isEndedAtOnce(): boolean {
    return this.ending !== undefined && this.ending.code !== "closed";
  }

  #act(verdict: Verdict | undefined): void {
    if (verdict === "ping") this.#speaker.ping(this.#now);
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
    } catch (thrown) {
      const ending = this.#judge.endingFor(thrown, this.received);
      if (ending !== undefined) this.end(ending);
      else this.#break(`the peer broke the protocol: ${thrown instanceof Error ? thrown.message : thrown}`);
    }
  }

  #finish(ending: Ending | undefined): void {
    if (ending === undefined || this.ending !== undefined) return;
    this.ending = ending;
    this.#inbound.isOver = this.#isEndedAtOnce;
    for (const flow of this.streams) this.outgoing.fail(flow, new Error(ending.reason));
    this.#sink.onClosed(ending);
  }

  #output(): void {
    if (this.isAttached && this.#speaker.isWanted) this.#sink.onOutput();
  }
}
