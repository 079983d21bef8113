// The beginning of a link, in either direction: a preamble and one frame. Written at once, read in whatever cuts.
// Invariant: the reader holds what may be a handshake and nothing behind it, and no more than has come.

import { quoteBytes } from "../encoding/quote.js";
import { type Foreign, recognizePeer } from "../foreign.js";
import {
  type FrameName,
  frameRules,
  frameTypes,
  handshakeBytesMax,
  headerBytes,
  readUint24,
  readUint32,
  writeHeader,
} from "./frames.js";
import { Refusal } from "./handshake-bodies.js";

/** `HOLDFAST`, and the version of the frame header. */
export const preamble: Uint8Array = new Uint8Array([0x48, 0x4f, 0x4c, 0x44, 0x46, 0x41, 0x53, 0x54, 0x01]);
const none = new Uint8Array(0);
const magicBytes = preamble.length - 1;
/** Enough for any sensible request line. */
const foreignBytesMax = 1_024;

/** All that a side says before the session begins. */
export function encodeHandshake(name: FrameName, payload: Uint8Array, proof: Uint8Array = none): Uint8Array {
  const payloadAt = preamble.length + headerBytes;
  const length = payload.length + proof.length;
  const bytes = new Uint8Array(payloadAt + length);
  bytes.set(preamble);
  writeHeader(bytes, preamble.length, frameTypes[name], length, 0, 0);
  bytes.set(payload, payloadAt);
  bytes.set(proof, payloadAt + payload.length);
  return bytes;
}

export interface HandshakeFrame {
  readonly name: FrameName;
  /** A view of what the reader holds: it keeps it no longer. */
  readonly payload: Uint8Array;
  /** What stands behind the frame in the last chunk: a view of that. */
  readonly rest: Uint8Array;
}

/** Bytes that are no session: who seems to speak. */
export class ForeignError extends Refusal {
  readonly foreign: Foreign;

  constructor(foreign: Foreign, found: Uint8Array) {
    super("foreign", `${seems[foreign]}: ${quoteBytes(found)}`);
    this.foreign = foreign;
  }
}

const seems: { readonly [Who in Foreign]: string } = {
  http: "this looks like HTTP and not like a session",
  tls: "this looks like TLS, where a session in the clear was expected",
  plain: "this looks like a plain program and not like a session",
};

export class HandshakeReader {
  readonly #names: readonly FrameName[];
  #held: Uint8Array = new Uint8Array(256);
  #size = 0;
  /** How much must be held before something can be decided. */
  #wanted: number = preamble.length;
  #name: FrameName | undefined;

  /** @param names The frames that may come. */
  constructor(names: readonly FrameName[]) {
    this.#names = names;
  }

  /**
   * The frame, once it is whole; then the reader is done.
   * @throws Refusal (`foreign`, `version`, `malformed`) as soon as it is known.
   */
  receive(chunk: Uint8Array): HandshakeFrame | undefined {
    let rest = this.#hold(chunk);
    if (this.#isForeign()) {
      this.#wanted = foreignBytesMax;
      this.#hold(rest);
      return this.#recognize();
    }
    while (this.#size === this.#wanted) {
      if (this.#name !== undefined) return this.#take(this.#name, rest);
      if (this.#size === preamble.length) this.#checkVersion();
      else this.#name = this.#readHeader();
      rest = this.#hold(rest);
    }
    return undefined;
  }

  /** Takes what is wanted, and returns the rest. */
  #hold(chunk: Uint8Array): Uint8Array {
    const taken = chunk.subarray(0, this.#wanted - this.#size);
    const size = this.#size + taken.length;
    if (size > this.#held.length) {
      // By what has come and not by what was announced.
      const larger = new Uint8Array(Math.min(2 * size, preamble.length + headerBytes + handshakeBytesMax));
      larger.set(this.#held.subarray(0, this.#size));
      this.#held = larger;
    }
    this.#held.set(taken, this.#size);
    this.#size = size;
    return chunk.subarray(taken.length);
  }

  #isForeign(): boolean {
    const begin = this.#held.subarray(0, Math.min(this.#size, magicBytes));
    return begin.some((byte, at) => byte !== preamble[at]);
  }

  #recognize(): undefined {
    const found = this.#held.subarray(0, this.#size);
    const foreign = recognizePeer(found, this.#size === foreignBytesMax);
    if (foreign !== undefined) throw new ForeignError(foreign, found);
  }

  #checkVersion(): void {
    const version = this.#held[magicBytes];
    if (version !== preamble[magicBytes]) {
      throw new Refusal("version", `protocol ${preamble[magicBytes]} is spoken here, and not ${version}`);
    }
    this.#wanted += headerBytes;
  }

  #readHeader(): FrameName {
    const at = preamble.length;
    const length = readUint24(this.#held, at);
    const rule = frameRules[this.#held[at + 3] ?? 0];
    if (rule === undefined || !this.#names.includes(rule.name)) {
      const what = rule === undefined ? "an unknown frame" : `a frame of the kind ${rule.name}`;
      throw new Refusal("malformed", `${what} came where ${this.#names.join(" or ")} was expected`);
    }
    if (readUint32(this.#held, at + 4) !== 0 || readUint32(this.#held, at + 8) !== 0) {
      throw new Refusal("malformed", `${rule.name} has a stream or a number`);
    }
    if (length < rule.bytesMin || length > rule.bytesMax) {
      throw new Refusal(
        "malformed",
        `${rule.name} has ${length} bytes, of ${rule.bytesMin} to ${rule.bytesMax}`,
      );
    }
    this.#wanted += length;
    return rule.name;
  }

  #take(name: FrameName, rest: Uint8Array): HandshakeFrame {
    const payload = this.#held.subarray(preamble.length + headerBytes, this.#size);
    this.#held = none;
    return { name, payload, rest };
  }
}
