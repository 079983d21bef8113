// What was sent and is not acknowledged: a list of slabs that is the write buffer at the same time. Frames lie in it as
// they go over the wire, so a resume writes the same bytes again, and the frames' own headers are the only index.
// Invariant: a slab's memory is used again only when all of it is acknowledged and no write, on any link, still holds it.

import { frameTypes, headerBytes, lastFlag, readUint24, readUint32, writeHeader } from "./frames.js";
import { invariant, Violation } from "./violation.js";

/** Where slabs come from and go back to. */
export interface SlabSource {
  /** Memory to fill, of any size from a frame's header up; `expected` is how many bytes are to come. */
  take(expected: number): Uint8Array;
  /** Nothing refers to it any more. */
  give(slab: Uint8Array): void;
}

/** A frame as it lies in the outbox. */
export interface SentFrame {
  readonly type: number;
  readonly stream: number;
  readonly payload: Uint8Array;
}

/** Bytes on their way to a link, which stay as they are until `release` is called. */
export interface Writing {
  readonly bytes: Uint8Array;
  release(): void;
}

interface Slab {
  readonly memory: Uint8Array;
  /** Where its first byte stands, counted from the session's first. */
  readonly start: number;
  /** So many bytes at its beginning belong to a frame of the slab before. */
  continued: number;
  /** How much of it is filled. */
  size: number;
  /** Writes that hold its memory. */
  writes: number;
  /** All of it is acknowledged. */
  isDone: boolean;
}

/** What a message costs of credit and of room: an empty one is not free, since it costs us objects. */
export function costOf(payloadBytes: number): number {
  return Math.max(64, payloadBytes);
}

/** END and ABORT have their room reserved: a stream has one of each at most. */
function roomOf(type: number, payloadBytes: number): number {
  return type === frameTypes.end || type === frameTypes.abort ? 0 : costOf(payloadBytes);
}

function isLast(type: number): boolean {
  return (type & lastFlag) !== 0 || type === frameTypes.end || type === frameTypes.abort;
}

export class Outbox {
  readonly #source: SlabSource;
  readonly #bytesMax: number;
  readonly #slabs: Slab[] = [];
  #usedBytes = 0;
  /** In bytes from the session's first: acknowledged, written on this link, ever written, appended. */
  #head = 0;
  #cursor = 0;
  #written = 0;
  #tail = 0;
  /** Frames appended, and acknowledged; so the seq of the last one too. */
  sent = 0;
  acknowledged = 0;

  constructor(bytesMax: number, source: SlabSource) {
    this.#bytesMax = bytesMax;
    this.#source = source;
  }

  /** Room in use: what is appended and not acknowledged, at its cost. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Bytes that this link has not been given yet. */
  get unwritten(): number {
    return this.#tail - this.#cursor;
  }

  /** False while a frame has been given in part: nothing else may go between. */
  get isAtFrame(): boolean {
    const slab = this.#slabAt(this.#cursor);
    return slab === undefined || slab.continued === 0 || this.#cursor > slab.start;
  }

  hasRoom(payloadBytes: number): boolean {
    return this.#usedBytes + costOf(payloadBytes) <= this.#bytesMax;
  }

  /** Appends one frame; its payload is `first` and then `second`, which are copied. There must be room. */
  append(type: number, stream: number, first: Uint8Array, second: Uint8Array): void {
    const length = first.length + second.length;
    this.#usedBytes += roomOf(type, length);
    invariant(this.#usedBytes <= this.#bytesMax, "the outbox holds more than it may");
    this.sent += 1;
    const slab = this.#slabWithRoom(headerBytes, headerBytes + length);
    writeHeader(slab.memory, slab.size, type, length, stream, this.sent);
    slab.size += headerBytes;
    this.#tail += headerBytes;
    if (first.length > 0) this.#copy(first, slab);
    if (second.length > 0) this.#copy(second, slab);
  }

  /**
   * The next bytes for the link, as they lie; call only while there are `unwritten` ones.
   * @param isBrief Something else waits to be said: no more than the rest of the frame under way, if one is.
   */
  next(isBrief: boolean): Writing {
    const slab = this.#slabAt(this.#cursor);
    invariant(slab !== undefined, "there is nothing to write");
    const end = isBrief && !this.isAtFrame ? slab.continued : slab.size;
    const bytes = slab.memory.subarray(this.#cursor - slab.start, end);
    this.#advance(slab.start + end);
    slab.writes += 1;
    return { bytes, release: () => this.#release(slab) };
  }

  /** Copies all that is `unwritten` to `at`, for a write that has more in it. */
  copyInto(memory: Uint8Array, at: number): void {
    let filled = at;
    while (this.#cursor < this.#tail) {
      const slab = this.#slabAt(this.#cursor);
      invariant(slab !== undefined, "there is nothing to copy");
      const part = slab.memory.subarray(this.#cursor - slab.start, slab.size);
      memory.set(part, filled);
      filled += part.length;
      this.#advance(slab.start + slab.size);
    }
  }

  /**
   * The other side has the first `received` frames. `onLast` is told of each stream whose last frame is among them.
   * @throws Violation for more than this link was given.
   */
  acknowledge(received: number, onLast: (stream: number) => void): void {
    this.#acknowledge(received, this.#cursor, onLast);
  }

  /** A new link, whose peer has the first `received` frames: all others are written again. @throws Violation */
  rewind(received: number, onLast: (stream: number) => void): void {
    if (received < this.acknowledged)
      throw new Violation("forgotten", "frames are missing that were acknowledged");
    this.#acknowledge(received, this.#written, onLast);
    this.#cursor = this.#head;
  }

  /** Whether the other side may say that it has `received` frames: no more than were written, no fewer than it said before. */
  mayHaveArrived(received: number): boolean {
    if (received < this.acknowledged || received > this.sent) return false;
    let number = this.acknowledged;
    for (const { end } of this.#places()) {
      if (number === received) break;
      if (end > this.#written) return false;
      number += 1;
    }
    return true;
  }

  /** The frames that are not acknowledged, oldest first; their payloads are copies. */
  *frames(): Generator<SentFrame> {
    for (const { slab, header, end } of this.#places()) {
      const payload = this.#read(slab.start + header + headerBytes, end);
      yield { type: slab.memory[header + 3] ?? 0, stream: readUint32(slab.memory, header + 4), payload };
    }
  }

  /** Where each frame that is not acknowledged has its header, and where it ends. */
  *#places(): Generator<{ readonly slab: Slab; readonly header: number; readonly end: number }> {
    for (let at = this.#head; at < this.#tail; ) {
      const slab = this.#slabAt(at);
      invariant(slab !== undefined, "a frame is nowhere");
      const header = at - slab.start;
      at += headerBytes + readUint24(slab.memory, header);
      yield { slab, header, end: at };
    }
  }

  #acknowledge(received: number, given: number, onLast: (stream: number) => void): void {
    if (received > this.sent) throw new Violation("unsent", `frame ${received} was never sent`);
    let slab = this.#slabs[0];
    while (this.acknowledged < received) {
      invariant(slab !== undefined, "an acknowledged frame is nowhere");
      const at = this.#head - slab.start;
      const length = readUint24(slab.memory, at);
      if (this.#head + headerBytes + length > given)
        throw new Violation("unsent", "a frame was not sent yet");
      const type = slab.memory[at + 3] ?? 0;
      const stream = isLast(type) ? readUint32(slab.memory, at + 4) : undefined;
      this.acknowledged += 1;
      this.#usedBytes -= roomOf(type, length);
      this.#head += headerBytes + length;
      if (this.#head >= slab.start + slab.size) {
        this.#dropSlabs();
        slab = this.#slabs[0];
      }
      if (stream !== undefined) onLast(stream);
    }
    invariant(this.#usedBytes >= 0, "the outbox gave back more than it held");
  }

  #dropSlabs(): void {
    for (let slab = this.#slabs[0]; slab !== undefined; slab = this.#slabs[0]) {
      // The one being filled is dropped too, once nothing in it counts: an idle session holds no memory.
      if (this.#head < slab.start + slab.size) return;
      this.#slabs.shift();
      slab.isDone = true;
      this.#giveIfFree(slab);
    }
  }

  #release(slab: Slab): void {
    slab.writes -= 1;
    this.#giveIfFree(slab);
  }

  #giveIfFree(slab: Slab): void {
    if (slab.isDone && slab.writes === 0) this.#source.give(slab.memory);
  }

  #advance(to: number): void {
    this.#cursor = to;
    this.#written = Math.max(this.#written, to);
  }

  /** @param filling The slab that was filled last. */
  #copy(bytes: Uint8Array, filling: Slab): void {
    // The usual case: it fits, behind a header.
    if (bytes.length <= filling.memory.length - filling.size && filling.size > filling.continued) {
      filling.memory.set(bytes, filling.size);
      filling.size += bytes.length;
      this.#tail += bytes.length;
      return;
    }
    for (let copied = 0; copied < bytes.length; ) {
      const slab = this.#slabWithRoom(1, bytes.length - copied);
      const room = slab.memory.length - slab.size;
      const part = copied === 0 && bytes.length <= room ? bytes : bytes.subarray(copied, copied + room);
      slab.memory.set(part, slab.size);
      // Nothing but this frame is in it so far.
      if (slab.continued === slab.size) slab.continued += part.length;
      slab.size += part.length;
      this.#tail += part.length;
      copied += part.length;
    }
  }

  /** The slab to fill, with room for `needed` at least: a header is never cut. */
  #slabWithRoom(needed: number, expected: number): Slab {
    const last = this.#slabs.at(-1);
    if (last !== undefined && last.memory.length - last.size >= needed) return last;
    // Behind a slab that is full already there will be more.
    const memory = this.#source.take(
      last === undefined ? expected : Math.max(expected, last.memory.length + 1),
    );
    const slab = { memory, start: this.#tail, continued: 0, size: 0, writes: 0, isDone: false };
    this.#slabs.push(slab);
    return slab;
  }

  /** The slab that holds the byte `at`; from the end, where writing is. */
  #slabAt(at: number): Slab | undefined {
    for (let index = this.#slabs.length - 1; index >= 0; index -= 1) {
      const slab = this.#slabs[index];
      if (slab !== undefined && slab.start <= at) return at < slab.start + slab.size ? slab : undefined;
    }
    return undefined;
  }

  #read(from: number, end: number): Uint8Array {
    const bytes = new Uint8Array(end - from);
    for (let at = from; at < end; ) {
      const slab = this.#slabAt(at);
      invariant(slab !== undefined, "a payload is nowhere");
      const part = slab.memory.subarray(at - slab.start, Math.min(slab.size, end - slab.start));
      bytes.set(part, at - from);
      at += part.length;
    }
    return bytes;
  }
}
