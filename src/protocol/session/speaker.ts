// What goes to the link next: what is due, what is in the outbox, and how the two are joined into few writes.
// Invariant: every write that begins at a frame begins with the ACK that is due; nothing is put inside a frame.

import { limits } from "../../core/limits.js";
import type { Closing } from "./closing.js";
import type { Dues } from "./dues.js";
import type { Flow } from "./flow.js";
import { pingBytes, readUint64, writeUint64 } from "./frames.js";
import type { Inbound } from "./inbound.js";
import type { Outbox, SlabSource, Writing } from "./outbox.js";
import type { Outgoing } from "./outgoing.js";

/** Up to so many bytes leave in one write with what is due beside them; more are written as they lie. */
const joinedBytesMax = 2_048;

export interface SpeakerParts {
  readonly outbox: Outbox;
  readonly outgoing: Outgoing;
  readonly inbound: Inbound;
  readonly closing: Closing;
  readonly dues: Dues;
  readonly slabs: SlabSource;
  /** The peer's own outbox: it must be told before that is full. */
  readonly peerOutboxBytes: number;
}

export class Speaker {
  readonly #parts: SpeakerParts;
  readonly #ackBytes: number;
  /** What the peer was told last that we have: by number, and by cost. */
  #ackSaid = 0;
  #ackSaidBytes = 0;
  #isFlushAsked = false;
  roundTripMs: number | undefined;
  /** The token of the PING that is not answered yet. */
  #askedAt: number | undefined;
  #goAwayWords: Uint8Array | undefined;
  /** CLOSE was said that nothing follows: what is due is written, and no more. */
  #isLastSaid = false;

  constructor(parts: SpeakerParts) {
    this.#parts = parts;
    this.#ackBytes = Math.min(limits.ackAfterBytes, parts.peerOutboxBytes / 4);
  }

  /** Whether a write should be made now. */
  get isWanted(): boolean {
    const { dues, outbox, closing } = this.#parts;
    return dues.isUrgent || outbox.unwritten > 0 || this.#isFlushAsked || closing.isAsked || closing.isHeard;
  }

  /** CLOSE with these words ends the session: it comes behind the frame under way, and nothing behind it. */
  sayLast(words: Uint8Array): void {
    this.#parts.dues.close(words);
    this.#isLastSaid = true;
  }

  /** Asks, behind all that is in the outbox, for an ACK. */
  askForAck(): void {
    this.#isFlushAsked = true;
  }

  /** A new link, on which something was `resumed`: says all again that is no numbered frame and may have been missed. */
  restart(resumed: Iterable<Flow>, now: number): void {
    const { dues, inbound, closing } = this.#parts;
    dues.restart();
    closing.restart();
    dues.ack(inbound.received, now);
    dues.isUrgent = true;
    for (const flow of resumed) {
      if (flow.receiving === "open") dues.credit(flow, now);
    }
    if (this.#goAwayWords !== undefined) dues.goAway(this.#goAwayWords);
    if (closing.words !== undefined) dues.close(closing.words);
  }

  /** GOAWAY, on this link and every one that follows. */
  goAway(words: Uint8Array): void {
    this.#goAwayWords = words;
    this.#parts.dues.goAway(words);
  }

  /** Sequenced frames may have come. */
  considerAck(now: number): void {
    const { dues, inbound } = this.#parts;
    const { received, receivedBytes } = inbound;
    if (received === this.#ackSaid) return;
    dues.ack(received, now);
    if (receivedBytes - this.#ackSaidBytes >= this.#ackBytes) dues.isUrgent = true;
  }

  /** A PING, with the time in microseconds as its token. */
  ping(now: number): void {
    const token = new Uint8Array(pingBytes);
    const micros = Math.floor(now * 1_000);
    this.#askedAt = micros / 1_000;
    writeUint64(token, 0, micros);
    this.#parts.dues.ping(token);
  }

  /** PONG, whose token the peer may have made up: then it says nothing. */
  hearPong(token: Uint8Array, now: number): void {
    const askedAt = (readUint64(token, 0) ?? Number.POSITIVE_INFINITY) / 1_000;
    if (askedAt !== this.#askedAt) return;
    this.#askedAt = undefined;
    this.roundTripMs = now - askedAt;
  }

  /** The next bytes for the link; undefined if there is nothing to say. */
  next(now: number): Writing | undefined {
    if (!this.#isLastSaid) {
      this.#considerFlush(now);
      this.#considerClose();
    }
    const { outbox, dues, slabs, inbound } = this.#parts;
    const { bytes } = dues;
    if (bytes === 0) dues.isUrgent = false;
    if (!outbox.isAtFrame) return outbox.next(bytes > 0);
    const unwritten = this.#isLastSaid ? 0 : outbox.unwritten;
    if (unwritten === 0 && !dues.isUrgent) return undefined;
    if (bytes === 0) return outbox.next(false);
    const joined = unwritten <= joinedBytesMax ? unwritten : 0;
    const slab = slabs.take(bytes + joined);
    const memory = slab.length < bytes + joined ? new Uint8Array(bytes + joined) : slab;
    dues.writeTo(memory);
    this.#ackSaid = inbound.received;
    this.#ackSaidBytes = inbound.receivedBytes;
    if (joined > 0) outbox.copyInto(memory, bytes);
    return { bytes: memory.subarray(0, bytes + joined), release: () => slabs.give(slab) };
  }

  #considerFlush(now: number): void {
    const { outbox } = this.#parts;
    if (!this.#isFlushAsked || outbox.unwritten > 0) return;
    this.#isFlushAsked = false;
    if (outbox.acknowledged < outbox.sent) this.ping(now);
  }

  /** CLOSE once nothing waits to be numbered, CLOSE_ACK once we have all that the peer sent. */
  #considerClose(): void {
    const { closing, outgoing, outbox, inbound, dues } = this.#parts;
    const isWished = closing.isAsked || closing.isHeard;
    if (isWished && !closing.isSaid && outgoing.waitingSize === 0) {
      dues.close(closing.say(outbox.sent));
    }
    if (!closing.owesAck(inbound.received)) return;
    dues.closeAck();
    closing.ackSaid();
  }
}
