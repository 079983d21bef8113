// One side of a session, without its links: docs/PROTOCOL.md sections 3 to 8. It is told what arrives, what the
// application does and what time it is; it says what to write, when to look again, and what has happened.
// Invariant: all that is in the outbox may always be written, so a link never waits for anything but itself; and what
// the peer does wrong ends a link or the session, never this process.

import { Arrivals, type ArrivalsOwner } from "./arrivals.js";
import { Closing } from "./closing.js";
import { Dues } from "./dues.js";
import type { Flow, Words } from "./flow.js";
import { frameTypes, headerBytes, lastFlag, pingBytes, readUint24, writeUint64 } from "./frames.js";
import { Heartbeat, type HeartbeatOptions, type Verdict } from "./heartbeat.js";
import { Inbound } from "./inbound.js";
import { Outbox, type SentFrame, type SlabSource, type Writing } from "./outbox.js";
import { Outgoing } from "./outgoing.js";
import type { SessionLimits } from "./session-limits.js";
import { Streams } from "./streams.js";
import { invariant, Violation, violations } from "./violation.js";
import type { WaitingSend } from "./waiting.js";
import { type Close, encodeGoAway, type GoAway } from "./words.js";

export interface MachineOptions {
  readonly isClient: boolean;
  /** What we take, and what the peer takes. */
  readonly limits: SessionLimits;
  readonly peerLimits: SessionLimits;
  readonly heartbeat: HeartbeatOptions;
  readonly ackDelayMs: number;
  readonly slabs: SlabSource;
}

/** How it ended: by whom, with which code of CLOSE, and why. */
export interface Ending {
  readonly by: "local" | "remote" | "network";
  readonly code: string;
  readonly reason: string;
}

/** What has happened. Called from inside the machine: calling back into it is for later. */
export interface MachineSink {
  /** There is something to write. */
  onOutput(): void;
  /** Server: the client has begun, so the session exists. */
  onConfirmed(): void;
  /** The peer has opened a stream. */
  onOpened(flow: Flow): void;
  /** A stream has more to read, has ended, or was aborted. */
  onInput(flow: Flow): void;
  /** More of what we sent is acknowledged, or a stream is free. */
  onProgress(): void;
  onGoAway(words: GoAway): void;
  /** The peer has said CLOSE: nothing more can be sent. */
  onPeerClosing(reason: string): void;
  /** The link must be cut now; the session goes on without it. */
  onBroken(reason: string): void;
  /** It is over. What `writing` still gives is for the link, which is then ended in order. */
  onClosed(ending: Ending): void;
}

const none = new Uint8Array(0);
/** Up to so many bytes leave in one write with what is due beside them; more are written as they lie. */
const joinedBytesMax = 2_048;
/** Frames that cost so much are acknowledged at once. */
const ackBytesMax = 65_536;

export class SessionMachine {
  readonly streams: Streams;
  readonly outgoing: Outgoing;
  readonly #options: MachineOptions;
  readonly #sink: MachineSink;
  readonly #outbox: Outbox;
  readonly #inbound: Inbound;
  readonly #arrivals: Arrivals;
  readonly #dues: Dues;
  readonly #closing = new Closing();
  /** There is one for each link. */
  #heartbeat: Heartbeat | undefined;
  #now: number;
  /** What the peer was told last that we have, by number and by cost. */
  #ackSaid = 0;
  #ackSaidBytes = 0;
  /** What the peer said last on this link. */
  #ackHeard = 0;
  #isResumed = false;
  #goAway: Uint8Array | undefined;
  #flushAsked = false;
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
    const parts = { limits, isClient, streams, dues: this.#dues, outgoing, closing: this.#closing, sink };
    this.#arrivals = new Arrivals(this.#owner(), parts);
    this.#inbound = new Inbound(this.#arrivals);
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

  get isAttached(): boolean {
    return this.#heartbeat !== undefined;
  }

  /** Nothing more can be sent: CLOSE was said, heard or asked for. */
  get isClosing(): boolean {
    return this.#closing.isAsked || this.#closing.isSaid;
  }

  /** CLOSE is said, and nothing that was sent is unacknowledged: a peer that knows no session any more has closed it. */
  get isCleanIfGone(): boolean {
    return this.#closing.isSaid && this.#outbox.acknowledged === this.#outbox.sent;
  }

  /** When to call `expire`. */
  get deadline(): number {
    if (this.#heartbeat === undefined) return Number.POSITIVE_INFINITY;
    return Math.min(this.#dues.at, this.#heartbeat.deadline);
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
      this.#outbox.rewind(peerReceived, this.#onLastAcknowledged);
      this.#ackHeard = peerReceived;
      this.#dues.restart();
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
    this.#now = now;
    this.#heartbeat.heard(now);
    this.#guard(() => this.#inbound.receive(chunk));
    this.#considerAck();
    this.#output();
  }

  /** The next bytes for the link; undefined if there is nothing to say. One at a time: release it first. */
  writing(now: number): Writing | undefined {
    if (this.#heartbeat === undefined) return undefined;
    this.#now = now;
    this.#considerEnds();
    const { unwritten } = this.#outbox;
    if (unwritten === 0 && !this.#dues.isUrgent) return undefined;
    this.#heartbeat.spoke(now);
    const { bytes } = this.#dues;
    if (bytes === 0 || !this.#outbox.isAtFrame) return this.#outbox.next(bytes > 0);
    const joined = unwritten <= joinedBytesMax ? unwritten : 0;
    const slab = this.#options.slabs.take(bytes + joined);
    const memory = slab.length < bytes + joined ? new Uint8Array(bytes + joined) : slab;
    this.#dues.writeTo(memory);
    this.#ackSaid = this.received;
    this.#ackSaidBytes = this.#inbound.receivedBytes;
    if (joined > 0) this.#outbox.copyInto(memory, bytes);
    return { bytes: memory.subarray(0, bytes + joined), release: () => this.#options.slabs.give(slab) };
  }

  /** Time has passed: call at `deadline`, up to 100 ms late. */
  expire(now: number): void {
    this.#now = now;
    if (now >= this.#dues.at) this.#dues.isUrgent = true;
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
    const type = isLast ? frameTypes.data | lastFlag : frameTypes.data;
    this.outgoing.take({ flow, type, first: payload, second: none, messageBytes: payload.length });
    this.#sink.onOutput();
  }

  /** Takes a frame as soon as there is credit and room for it. */
  wait(send: WaitingSend): void {
    this.outgoing.wait(send);
    this.#output();
  }

  /** False if it was taken, or has failed, already. */
  cancel(send: WaitingSend): boolean {
    const isCancelled = this.outgoing.cancel(send);
    this.#output();
    return isCancelled;
  }

  /** Asks the peer to acknowledge all that was sent so far. */
  flush(): void {
    this.#flushAsked = true;
    this.#output();
  }

  /** Ends both directions of a stream now; what waits fails with `error`. */
  abort(flow: Flow, words: Words, error: Error): void {
    this.outgoing.fail(flow, error);
    this.#inbound.discard(flow);
    this.#dues.forgetCredit(flow);
    if (flow.receiving === "open" || flow.sending === "open") {
      if (!this.#closing.isSaid) this.outgoing.sayAbort(flow, words);
    }
    this.#output();
  }

  /** The reader has taken a message. */
  take(flow: Flow, messageBytes: number, now: number): void {
    flow.take(messageBytes);
    if (flow.receiving !== "open" || !this.isAttached) return;
    this.#dues.credit(flow, now);
    if (this.#dues.isUrgent) this.#output();
  }

  /** Nobody will read the stream: what is here and what comes is dropped, and the peer may go on. */
  discard(flow: Flow, now: number): void {
    this.#now = now;
    while (flow.readableBytes > 0 && !this.#closing.isAsked) {
      const length = readUint24(flow.input.peek(), 0);
      flow.input.skip(headerBytes + length);
      this.take(flow, length, now);
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

  // Below: what follows from all that.

  readonly #onLastAcknowledged = (stream: number): void => {
    const flow = this.streams.get(stream);
    // The ABORT of a stream that ended before it is no news.
    if (flow?.sending !== "ended") return;
    flow.sendingOver();
    this.streams.releaseIfOver(flow);
  };

  #owner(): ArrivalsOwner {
    const machine = this;
    return {
      get now() {
        return machine.#now;
      },
      onAck: (received) => this.#onAck(received),
      onPong: () => {
        this.roundTripMs = this.#now - this.#pingSentAt;
      },
      onClose: (close) => this.#onClose(close),
      onCloseAck: () => {
        this.#closing.hearAck(this.#outbox.acknowledged === this.#outbox.sent);
        this.#finishIfDone();
      },
    };
  }

  #onAck(received: number): void {
    if (received < this.#ackHeard)
      throw new Violation("ack", `an ACK of ${received} came behind ${this.#ackHeard}`);
    this.#ackHeard = received;
    this.#outbox.acknowledge(received, this.#onLastAcknowledged);
    this.outgoing.admit();
    this.#sink.onProgress();
  }

  #onClose(close: Close): void {
    const { code, reason } = close;
    if (code !== "closed") return this.#finish({ by: "remote", code, reason });
    const isNew = !this.#closing.isHeard;
    this.#closing.hear(close, this.received);
    this.#inbound.final = close.final;
    if (!isNew || this.#closing.isSaid) return;
    for (const flow of this.streams) this.outgoing.fail(flow, new Error("the peer is closing the session"));
    this.#sink.onPeerClosing(reason);
  }

  #considerAck(): void {
    const { received, receivedBytes } = this.#inbound;
    if (received === this.#ackSaid || !this.isAttached) return;
    this.#dues.ack(received, this.#now);
    const bytesMax = Math.min(ackBytesMax, this.#options.peerLimits.outboxBytesMax / 4);
    if (receivedBytes - this.#ackSaidBytes >= bytesMax) this.#dues.isUrgent = true;
  }

  /** CLOSE, CLOSE_ACK, and the PING of a flush, as soon as each may be said. */
  #considerEnds(): void {
    if (this.#flushAsked && this.#outbox.unwritten === 0) {
      this.#flushAsked = false;
      if (this.#outbox.acknowledged < this.#outbox.sent) this.#ping();
    }
    if (this.ending !== undefined && !this.#closing.isDone) return;
    const { isAsked, isHeard, isSaid } = this.#closing;
    if (!isSaid && (isHeard || isAsked) && this.outgoing.waitingSize === 0) {
      this.#dues.close(this.#closing.say(this.#outbox.sent));
    }
    if (!this.#closing.owesAck(this.received)) return;
    this.#dues.closeAck();
    this.#closing.ackSaid();
    this.#finishIfDone();
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
    const token = new Uint8Array(pingBytes);
    writeUint64(token, 0, Math.floor(this.#now));
    this.#pingSentAt = this.#now;
    this.#dues.ping(token);
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
        return this.end({ by: "local", code: "aborted", reason });
      }
      const { code, message } = error;
      const isRepeated = this.#violatedAt === this.received;
      this.#violatedAt = this.received;
      if (violations[code] === "link" && !isRepeated)
        return this.#break(`the peer broke the protocol: ${message}`);
      this.end({ by: "remote", code: code === "abuse" ? "abuse" : "protocol", reason: message });
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
    if (this.#heartbeat === undefined) return;
    const isDue = this.#dues.isUrgent || this.#outbox.unwritten > 0 || this.#flushAsked;
    if (isDue || this.#closing.isAsked || this.#closing.isHeard) this.#sink.onOutput();
  }
}
