// What goes to the link next: what is due, what is in the outbox, and how the two are joined into few writes.
// Invariant: every write that begins at a frame begins with the ACK that is due; nothing is put inside a frame.

import type { Closing } from "./closing.js";
import type { Dues } from "./dues.js";
import { pingBytes, writeUint64 } from "./frames.js";
import type { Inbound } from "./inbound.js";
import type { Outbox, SlabSource, Writing } from "./outbox.js";
import type { Outgoing } from "./outgoing.js";

/** Up to so many bytes leave in one write with what is due beside them; more are written as they lie. */
const joinedBytesMax = 2_048;
/** Frames that cost so much are acknowledged at once. */
const ackBytesMax = 65_536;

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

  constructor(parts: SpeakerParts) {
    this.#parts = parts;
    this.#ackBytes = Math.min(ackBytesMax, parts.peerOutboxBytes / 4);
  }

  /** Whether a write should be made now. */
  get isWanted(): boolean {
    const { dues, outbox, closing } = this.#parts;
    return dues.isUrgent || outbox.unwritten > 0 || this.#isFlushAsked || closing.isAsked || closing.isHeard;
  }

  /** Asks, behind all that is in the outbox, for an ACK. */
  askForAck(): void {
    this.#isFlushAsked = true;
  }

  /** Sequenced frames may have come. */
  considerAck(now: number): void {
    const { dues, inbound } = this.#parts;
    const { received, receivedBytes } = inbound;
    if (received === this.#ackSaid) return;
    dues.ack(received, now);
    if (receivedBytes - this.#ackSaidBytes >= this.#ackBytes) dues.isUrgent = true;
  }

  /** A PING, with the time as its token. */
  ping(now: number): void {
    const token = new Uint8Array(pingBytes);
    writeUint64(token, 0, Math.floor(now));
    this.#parts.dues.ping(token);
  }

  /** The next bytes for the link; undefined if there is nothing to say. */
  next(now: number): Writing | undefined {
    this.#considerFlush(now);
    this.#considerClose();
    const { outbox, dues, slabs, inbound } = this.#parts;
    const { unwritten } = outbox;
    if (unwritten === 0 && !dues.isUrgent) return undefined;
    const { bytes } = dues;
    if (bytes === 0 || !outbox.isAtFrame) return outbox.next(bytes > 0);
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
    if (isWished && closing.words === undefined && outgoing.waitingSize === 0) {
      dues.close(closing.say(outbox.sent));
    }
    if (!closing.owesAck(inbound.received)) return;
    dues.closeAck();
    closing.ackSaid();
  }
}
