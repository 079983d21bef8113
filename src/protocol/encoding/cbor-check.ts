// A walk over the heads of a CBOR frame before anything is made of it.
// Invariant: what passes is one whole value and nothing behind it, and as large in memory as it is in bytes: the
// tags by which few bytes become many (packed tables, shared references, records, huge bigints) do not pass.

import { ProtocolError } from "../../core/errors.js";
import { decodeUtf8 } from "./utf8.js";

/** Deeper than any message of use, and far from the end of the stack. */
export const cborNestedMax = 256;
/** 8,192 bits, as the largest keys in use: reading a bigint takes time that grows with the square of its size. */
export const cborBigintBytesMax = 1_024;

const major = { bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const;
const indefinite = 31;
const breakByte = 0xff;

/** @throws ProtocolError (by remote) for anything but one whole value of the kinds that are exchanged. */
export function checkCbor(frame: Uint8Array): void {
  const walk = new CborWalk(frame);
  walk.value(0);
  walk.end();
}

class CborWalk {
  readonly #frame: Uint8Array;
  #at = 0;

  constructor(frame: Uint8Array) {
    this.#frame = frame;
  }

  value(depth: number): void {
    if (depth > cborNestedMax) throw refused(`it is nested deeper than ${cborNestedMax}`);
    const head = this.#byte();
    const kind = head >> 5;
    if ((head & 31) === indefinite) {
      this.#endless(kind, depth);
      return;
    }
    const argument = this.#argument(head & 31);
    switch (kind) {
      case major.bytes:
        this.#skip(argument);
        break;
      case major.text:
        this.#text(argument);
        break;
      case major.array:
        this.#values(argument, depth);
        break;
      case major.map:
        this.#values(2 * argument, depth);
        break;
      case major.tag:
        this.#tagged(argument, depth);
        break;
    }
  }

  end(): void {
    const behind = this.#frame.length - this.#at;
    if (behind > 0) throw refused(`${behind} bytes stand behind its end`);
  }

  /** `info` says the number itself, or in how many bytes it follows. */
  #argument(info: number): number {
    if (info < 24) return info;
    if (info > 27) throw refused(`no number begins with ${info}`);
    let number = 0;
    for (let left = 2 ** (info - 24); left > 0; left -= 1) number = number * 256 + this.#byte();
    return number;
  }

  #values(count: number, depth: number): void {
    // Each takes a byte at least: a huge count is refused before it is counted to.
    if (count > this.#frame.length - this.#at) throw endsEarly();
    for (let left = count; left > 0; left -= 1) this.value(depth + 1);
  }

  /** An array or a map without a count, up to its break. */
  #endless(kind: number, depth: number): void {
    if (kind !== major.array && kind !== major.map) throw refused("a string in pieces is not taken");
    while (this.#frame[this.#at] !== breakByte) {
      this.value(depth + 1);
      if (kind === major.map) this.value(depth + 1);
    }
    this.#at += 1;
  }

  #tagged(tag: number, depth: number): void {
    if (!isTaken(tag)) throw refused(`tag ${tag} is not taken`);
    if (isOfBytes(tag)) {
      const head = this.#frame[this.#at] ?? 0;
      if (head >> 5 !== major.bytes) throw refused(`tag ${tag} must stand before bytes`);
      const from = this.#at;
      this.value(depth + 1);
      if (tag < 4 && this.#at - from > cborBigintBytesMax) throw refused("a bigint is too large");
      return;
    }
    this.value(depth + 1);
  }

  #text(length: number): void {
    const from = this.#at;
    this.#skip(length);
    for (let at = from; at < this.#at; at += 1) {
      if ((this.#frame[at] ?? 0) < 0x80) continue;
      decodeUtf8(this.#frame.subarray(at, this.#at));
      return;
    }
  }

  #skip(count: number): void {
    if (count > this.#frame.length - this.#at) throw endsEarly();
    this.#at += count;
  }

  #byte(): number {
    const byte = this.#frame[this.#at];
    if (byte === undefined) throw endsEarly();
    this.#at += 1;
    return byte;
  }
}

/** Dates (0, 1), bigints (2, 3), typed arrays (64–87, RFC 8746), sets (258), maps (259), and CBOR itself (55799). */
function isTaken(tag: number): boolean {
  return tag < 4 || (tag >= 64 && tag < 88) || tag === 258 || tag === 259 || tag === 55_799;
}

function isOfBytes(tag: number): boolean {
  return tag === 2 || tag === 3 || (tag >= 64 && tag < 88);
}

function endsEarly(): ProtocolError {
  return refused("it ends early");
}

function refused(why: string): ProtocolError {
  return new ProtocolError("ERR_INVALID_MESSAGE", "remote", `not a CBOR value: ${why}`);
}
