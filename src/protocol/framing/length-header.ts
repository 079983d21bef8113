// The length before a frame, in its forms: fixed size and either byte order, or an unsigned LEB128.
// Invariant: a length is read whole or not at all, and there is one way only to write each.

import type { ByteQueue } from "../../core/byte-queue.js";
import { ProtocolError } from "../../core/errors.js";

/** Stands for a length that has not come whole. Below every length, so that one comparison tells. */
export const incomplete = -1;

export interface LengthHeader {
  /** The next length, which is not taken; or `incomplete`. @throws ProtocolError for bytes that are none. */
  peek(input: ByteQueue): number;
  /** How many bytes say `length`. */
  sizeOf(length: number): number;
  /** The bytes of a length; valid until the next call. @throws ProtocolError for one that they cannot say. */
  write(length: number): Uint8Array;
  /** How many bytes the length still needs, at the least, when `waiting` of them have come. */
  missing(waiting: number): number;
}

/** One, two or four bytes. */
export class FixedLength implements LengthHeader {
  readonly #size: 1 | 2 | 4;
  readonly #most: number;
  readonly #little: boolean;
  readonly #scratch: Uint8Array;
  readonly #view: DataView;

  constructor(size: 1 | 2 | 4, endian: "big" | "little") {
    this.#size = size;
    this.#most = 2 ** (8 * size) - 1;
    this.#little = endian === "little";
    this.#scratch = new Uint8Array(size);
    this.#view = new DataView(this.#scratch.buffer);
  }

  peek(input: ByteQueue): number {
    return input.size < this.#size ? incomplete : input.peekUint(this.#size, this.#little);
  }

  sizeOf(): number {
    return this.#size;
  }

  write(length: number): Uint8Array {
    if (length > this.#most) {
      const reason = `a frame of ${length} bytes is too long for a length of size ${this.#size}, which ends at ${this.#most}`;
      const advice = "use lengthPrefixed({ size: 4 }) on both sides";
      throw new ProtocolError("ERR_INVALID_MESSAGE", "local", reason, { advice });
    }
    if (this.#size === 4) this.#view.setUint32(0, length, this.#little);
    else if (this.#size === 2) this.#view.setUint16(0, length, this.#little);
    else this.#view.setUint8(0, length);
    return this.#scratch;
  }

  missing(waiting: number): number {
    return this.#size - waiting;
  }
}

const varintBytesMax = 5;

/** Seven bits a byte, the lowest first; all but the last byte have their highest bit set (DWARF 4, section 7.6). */
export class VarintLength implements LengthHeader {
  readonly #scratch: Uint8Array = new Uint8Array(varintBytesMax);

  peek(input: ByteQueue): number {
    const most = Math.min(input.size, varintBytesMax);
    let length = 0;
    // Multiplied, not shifted: five bytes say up to 2^35.
    for (let i = 0, weight = 1; i < most; i += 1, weight *= 128) {
      const byte = input.at(i);
      length += (byte & 0x7f) * weight;
      if (byte < 0x80) {
        if (byte === 0 && i > 0) throw malformed("is longer than it needs to be");
        return length;
      }
    }
    if (most === varintBytesMax) throw malformed(`goes on behind ${varintBytesMax} bytes`);
    return incomplete;
  }

  sizeOf(length: number): number {
    let size = 1;
    for (let rest = length; rest >= 0x80; rest = Math.floor(rest / 128)) size += 1;
    return size;
  }

  write(length: number): Uint8Array {
    const scratch = this.#scratch;
    let rest = length;
    let used = 0;
    while (rest >= 0x80) {
      scratch[used] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
      used += 1;
    }
    scratch[used] = rest;
    return scratch.subarray(0, used + 1);
  }

  missing(): number {
    return 1;
  }
}

function malformed(what: string): ProtocolError {
  return new ProtocolError("ERR_INVALID_BYTES", "remote", `the length of a frame ${what}`, {
    advice: "check that both sides use the same framing",
  });
}
