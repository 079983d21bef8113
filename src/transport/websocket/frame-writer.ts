// Data frames on their way out (RFC 6455 section 5.2), many in one write: the socket is given one piece of memory per
// turn, where a write per frame would cost a system call or two objects each.
// Invariant: each write is whole frames, so that a control frame of `ws` stands between two of them; and memory that the
// socket may still read is not written to.

import { randomFillSync } from "node:crypto";
import type net from "node:net";

/** Many small frames, or one large one. */
const batchBytes = 65_536;
/** Up to here it costs less to copy a batch than to give its memory away. */
const copiedBytesMax = 4_096;
/** Two bytes, a length of eight, a mask of four. */
const headerBytesMax = 14;

/** Where the next batch is put together: used again as soon as the socket has let go of it. */
let spare: Buffer | undefined;

export class FrameWriter {
  readonly #socket: net.Socket;
  readonly #isMasked: boolean;
  readonly #onWrote: (error: Error | null | undefined) => void;
  #batch: Buffer | undefined;
  #filled = 0;
  /** Writes of ours that nobody has told of yet. */
  #underWay = 0;
  /** Parts of a message went before. */
  #isInside = false;

  /**
   * @param isMasked As what dials must (RFC 6455 section 5.3).
   * @param onWrote Told of each write that is done or failed, later.
   */
  constructor(socket: net.Socket, isMasked: boolean, onWrote: (error: Error | null | undefined) => void) {
    this.#socket = socket;
    this.#isMasked = isMasked;
    this.#onWrote = (error) => {
      this.#underWay -= 1;
      onWrote(error);
    };
  }

  /** The socket has not taken all of ours yet; control frames of `ws` that it holds are not ours, and nobody tells of them. */
  get isWriting(): boolean {
    return this.#underWay > 0 && this.#socket.writableLength > 0;
  }

  add(payload: Uint8Array, isText: boolean, isLast: boolean): void {
    const size = headerBytesMax + payload.length;
    if (this.#batch !== undefined && this.#filled + size > this.#batch.length) this.flush();
    if (this.#batch === undefined) this.#batch = takeBatch(size);
    const opcode = this.#isInside ? 0x0 : isText ? 0x1 : 0x2;
    this.#isInside = !isLast;
    this.#append(this.#batch, (isLast ? 0x80 : 0) | opcode, payload);
  }

  flush(): void {
    const batch = this.#batch;
    if (batch === undefined) return;
    const filled = this.#filled;
    this.#batch = undefined;
    this.#filled = 0;
    this.#underWay += 1;
    if (filled <= copiedBytesMax) {
      this.#socket.write(Buffer.from(batch.subarray(0, filled)), this.#onWrote);
      spare = batch;
    } else {
      this.#socket.write(batch.subarray(0, filled), this.#onWrote);
      if (!this.isWriting && batch.length === batchBytes) spare = batch;
    }
  }

  #append(batch: Buffer, first: number, payload: Uint8Array): void {
    const { length } = payload;
    let at = this.#filled;
    batch[at] = first;
    const maskBit = this.#isMasked ? 0x80 : 0;
    if (length < 126) {
      batch[at + 1] = maskBit | length;
      at += 2;
    } else if (length < 65_536) {
      batch[at + 1] = maskBit | 126;
      at = batch.writeUInt16BE(length, at + 2);
    } else {
      batch[at + 1] = maskBit | 127;
      at = batch.writeUInt32BE(Math.floor(length / 2 ** 32), at + 2);
      at = batch.writeUInt32BE(length % 2 ** 32, at);
    }
    if (this.#isMasked) {
      const mask = takeMask();
      batch.writeInt32LE(mask, at);
      at += 4;
      batch.set(payload, at);
      applyMask(batch, at, at + length, mask);
    } else batch.set(payload, at);
    this.#filled = at + length;
  }
}

function takeBatch(bytes: number): Buffer {
  if (bytes > batchBytes) return Buffer.allocUnsafeSlow(bytes);
  const batch = spare ?? Buffer.allocUnsafeSlow(batchBytes);
  spare = undefined;
  return batch;
}

const chance = new Int32Array(1_024);
let chanceUsed = chance.length;

/** Unpredictable (RFC 6455 section 10.3), four bytes as a little-endian number. */
function takeMask(): number {
  if (chanceUsed === chance.length) {
    randomFillSync(chance);
    chanceUsed = 0;
  }
  const mask = chance[chanceUsed] ?? 0;
  chanceUsed += 1;
  return mask;
}

/** In place: byte i is combined with byte i mod 4 of the mask, four at once where the memory allows. */
export function applyMask(bytes: Uint8Array, start: number, end: number, mask: number): void {
  let at = start;
  let rotated = mask;
  while (at < end && ((bytes.byteOffset + at) & 3) !== 0) {
    bytes[at] = (bytes[at] ?? 0) ^ rotated;
    rotated = (rotated >>> 8) | (rotated << 24);
    at += 1;
  }
  const count = (end - at) >> 2;
  // Few bytes may end before they are aligned.
  if (count > 0) {
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, count);
    const word = isLittle ? rotated : swapped(rotated);
    for (let index = 0; index < count; index += 1) words[index] = (words[index] ?? 0) ^ word;
    at += count * 4;
  }
  for (; at < end; at += 1) {
    bytes[at] = (bytes[at] ?? 0) ^ rotated;
    rotated = (rotated >>> 8) | (rotated << 24);
  }
}

const isLittle = new Uint8Array(Int32Array.of(1).buffer)[0] === 1;

function swapped(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}
