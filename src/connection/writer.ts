// The way out: frames are copied into slabs, which leave in one write per turn.
// Invariant: a frame is taken whole or not at all; frames leave in the order of their sends; and what a peer that does
// not read can make us hold is bounded twice: `sendBufferBytes` taken, as many again in `sendCallsMax` waiting calls.

import type { SocketError } from "../core/errors.js";
import { atTurnEnd } from "../core/turn.js";
import type { ByteStream } from "../transport/byte-stream.js";
import { giveSlab, slabBytes, takeSlab } from "./slabs.js";
import { type FrameParts, type WaitingLimits, WaitingSends } from "./waiting-sends.js";

interface Segment {
  readonly slab: Uint8Array;
  readonly size: number;
}

export class Writer {
  #stream: ByteStream;
  readonly #limits: WaitingLimits;
  /** Being filled; leaves when the turn ends or it is full. */
  #slab: Uint8Array | undefined;
  #filled = 0;
  /** Full slabs behind the write under way; empty as long as the peer reads. */
  readonly #full: Segment[] = [];
  #underWay: Segment | undefined;
  #flushDue = false;
  /** Taken, and not yet in the kernel. */
  #queuedBytes = 0;
  /** Taken since the event loop last turned, or a little longer ago. */
  #turnBytes = 0;
  #turnDue = false;
  /** Made by the first send that must wait. */
  #waiting: WaitingSends | undefined;
  #onOut: ((isOut: boolean) => void) | undefined;
  /** Handed to the kernel. */
  bytesSent = 0;
  framesTaken = 0;

  constructor(stream: ByteStream, limits: WaitingLimits) {
    this.#stream = stream;
    this.#limits = limits;
  }

  /** What was sent and is not in the kernel yet, waiting calls included. */
  get pendingBytes(): number {
    return this.#queuedBytes + (this.#waiting?.bytes ?? 0);
  }

  /** Whether a frame of any size would be taken now. */
  get hasRoom(): boolean {
    return this.#underLimits() && !this.#anyWaits();
  }

  /** Copies the frame in; call only while `hasRoom`. */
  take(header: Uint8Array, payload: Uint8Array, trailer: Uint8Array): void {
    this.#append(header, payload, trailer);
    this.#flushSoon();
  }

  /**
   * Waits for room, behind those that wait already. The parts must stay as they are until then.
   * An aborted wait rejects with the signal's reason and the frame is not sent.
   */
  wait(frame: FrameParts, signal: AbortSignal | undefined): Promise<void> {
    // After an abort the one behind may be small enough, and an end may wait for nothing else.
    this.#waiting ??= new WaitingSends(this.#limits, this.#stream.remote, () => this.#flushSoon());
    return this.#waiting.add(frame, signal);
  }

  /** Ends the stream behind all that was sent so far: true once the kernel has it, false if it never will. */
  end(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#onOut = (isOut) => {
        if (isOut) this.#stream.end();
        resolve(isOut);
      };
      this.#tellIfOut();
    });
  }

  /** Resolves behind all that was sent so far: true once the kernel has it, false if it never will. */
  flushed(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#onOut = resolve;
      this.#tellIfOut();
    });
  }

  /** What follows goes there; only once all before is out. */
  moveTo(stream: ByteStream): void {
    this.#stream = stream;
  }

  /** The write under way is done; its memory is ours again. */
  written(): void {
    const done = this.#underWay;
    if (done === undefined) return;
    this.#underWay = undefined;
    this.#sent(done.size);
    giveSlab(done.slab);
    this.#flush();
  }

  /** Nothing can be sent any more: calls that wait reject. */
  stop(error: SocketError): void {
    this.#waiting?.fail(error);
    // Not given back: a dead socket may refer to them still.
    this.#full.length = 0;
    this.#underWay = undefined;
    this.#slab = undefined;
    this.#filled = 0;
    this.#queuedBytes = 0;
    this.#onOut?.(false);
    this.#onOut = undefined;
  }

  #underLimits(): boolean {
    const { sendBufferBytes } = this.#limits;
    return this.#queuedBytes < sendBufferBytes && this.#turnBytes < sendBufferBytes;
  }

  #anyWaits(): boolean {
    return this.#waiting !== undefined && this.#waiting.count > 0;
  }

  #append(header: Uint8Array, payload: Uint8Array, trailer: Uint8Array): void {
    const size = header.length + payload.length + trailer.length;
    this.framesTaken += 1;
    this.#queuedBytes += size;
    this.#turnBytes += size;
    // Seldom, since it costs a turn of the event loop; but always before the bound is met.
    if (this.#turnBytes >= Math.min(slabBytes, this.#limits.sendBufferBytes) && !this.#turnDue) {
      this.#turnDue = true;
      setImmediate(turn, this);
    }
    const slab = this.#slab;
    const start = this.#filled;
    if (slab === undefined || start + size > slab.length) {
      this.#copyAcross(header);
      this.#copyAcross(payload);
      this.#copyAcross(trailer);
      return;
    }
    copyMark(header, slab, start);
    slab.set(payload, start + header.length);
    copyMark(trailer, slab, start + header.length + payload.length);
    this.#filled = start + size;
  }

  #copyAcross(bytes: Uint8Array): void {
    let copied = 0;
    while (copied < bytes.length) {
      const slab = this.#slabWithRoom(bytes.length - copied);
      const part = bytes.subarray(copied, copied + slab.length - this.#filled);
      slab.set(part, this.#filled);
      this.#filled += part.length;
      copied += part.length;
    }
  }

  /** A full small slab is changed for a large one; a full large one leaves at once, ahead of the turn's end. */
  #slabWithRoom(expected: number): Uint8Array {
    let slab = this.#slab;
    if (slab !== undefined && slab.length < slabBytes && this.#filled + expected > slab.length) {
      const larger = takeSlab(slabBytes);
      larger.set(slab.subarray(0, this.#filled));
      giveSlab(slab);
      this.#slab = slab = larger;
    } else if (slab !== undefined && this.#filled === slab.length) {
      this.#seal(slab);
      slab = this.#slab;
    }
    this.#slab = slab ??= takeSlab(expected);
    return slab;
  }

  /** Sends the slab being filled on its way, or queues it behind the write under way. */
  #seal(slab: Uint8Array): void {
    const segment = { slab, size: this.#filled };
    this.#filled = 0;
    if (this.#underWay === undefined && this.#full.length === 0) {
      if (this.#write(segment)) return;
    } else this.#full.push(segment);
    this.#slab = undefined;
  }

  /** True if the slab is ours again at once. */
  #write(segment: Segment): boolean {
    const { slab, size } = segment;
    if (this.#stream.write(size === slab.length ? slab : slab.subarray(0, size))) {
      this.#sent(size);
      return true;
    }
    this.#underWay = segment;
    return false;
  }

  #sent(size: number): void {
    this.#queuedBytes -= size;
    this.bytesSent += size;
  }

  /** With a write under way there is nothing to do: its end flushes. */
  #flushSoon(): void {
    if (this.#flushDue || this.#underWay !== undefined) return;
    this.#flushDue = true;
    atTurnEnd(flush, this);
  }

  #flush(): void {
    this.#flushDue = false;
    while (this.#underWay === undefined) {
      const next = this.#full.shift();
      if (next !== undefined) {
        if (this.#write(next)) giveSlab(next.slab);
      } else if (this.#slab !== undefined) {
        const slab = this.#slab;
        if (this.#filled > 0) this.#seal(slab);
        // Written at once, so that it can serve another connection.
        if (this.#slab !== undefined) giveSlab(slab);
        this.#slab = undefined;
      } else break;
    }
    this.#admit();
    this.#tellIfOut();
  }

  #admit(): void {
    while (this.#anyWaits() && this.#underLimits()) {
      const next = this.#waiting?.shift();
      if (next !== undefined) this.#append(next.header, next.payload, next.trailer);
    }
    if (this.#filled > 0) this.#flushSoon();
  }

  #tellIfOut(): void {
    if (this.#onOut === undefined || this.#queuedBytes > 0 || this.#anyWaits()) return;
    const tell = this.#onOut;
    this.#onOut = undefined;
    tell(true);
  }

  // Static, so that one function serves all writers; private access makes them part of the class.

  static readonly flush = (writer: Writer): void => writer.#flush();

  static readonly turn = (writer: Writer): void => {
    writer.#turnDue = false;
    writer.#turnBytes = 0;
    writer.#admit();
  };
}

const { flush, turn } = Writer;

/** For the few bytes before and behind a frame the loop beats the call. */
function copyMark(mark: Uint8Array, into: Uint8Array, start: number): void {
  for (let index = 0; index < mark.length; index += 1) into[start + index] = mark[index] ?? 0;
}
