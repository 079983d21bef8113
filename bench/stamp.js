// Messages that prove themselves: a sequence number in front, its check behind, a pattern between.
// Invariant: a message that is lost, doubled, reordered or damaged ends the run; both sides pay a few nanoseconds for it.

/** Makes one stream's messages, in memory that is used again after `ringBytes`: hold back no more than half of it. */
export class Stamper {
  /** @type {Uint8Array[]} */ #ring;
  #ringMask;
  #lastWord;
  sent = 0;

  /** @param {number} bytes @param {number} [ringBytes] */
  constructor(bytes, ringBytes = 0) {
    const count = 2 ** Math.ceil(Math.log2(Math.max(1, ringBytes / bytes)));
    const memory = new Uint8Array(count * bytes).map((_, index) => patternAt(index % bytes));
    this.#ring = Array.from({ length: count }, (_, at) => memory.subarray(at * bytes, (at + 1) * bytes));
    this.#ringMask = count - 1;
    this.#lastWord = bytes - 4;
  }

  next() {
    const seq = this.sent;
    const message = this.#ring[seq & this.#ringMask];
    writeUint32(message, 0, seq);
    writeUint32(message, this.#lastWord, checkOf(seq));
    this.sent = seq + 1;
    return message;
  }
}

/** Checks one stream's messages. */
export class StampChecker {
  #bytes;
  #lastWord;
  /** The byte of the body that is looked at: another one each time. */
  #probe = 4;
  taken = 0;

  /** @param {number} bytes */
  constructor(bytes) {
    this.#bytes = bytes;
    this.#lastWord = bytes - 4;
  }

  /** @param {Uint8Array} message */
  take(message) {
    const seq = this.taken;
    const probe = this.#probe;
    const lastWord = this.#lastWord;
    if (
      message.length !== this.#bytes ||
      readUint32(message, 0) !== seq ||
      readUint32(message, lastWord) !== checkOf(seq) ||
      message[probe] !== patternAt(probe)
    ) {
      throw new Error(
        `message ${seq} of ${this.#bytes} bytes arrived as ${message.length}, damaged or out of turn`,
      );
    }
    this.taken = seq + 1;
    this.#probe = probe + 1 === lastWord ? 4 : probe + 1;
  }
}

const patternAt = (/** @type {number} */ index) => (index * 31 + 7) & 0xff;
const checkOf = (/** @type {number} */ seq) => Math.imul(seq ^ 0x5bd1e995, 0x9e3779b1) >>> 0;

/** @param {Uint8Array} bytes @param {number} at @param {number} value */
function writeUint32(bytes, at, value) {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

/** @param {Uint8Array} bytes @param {number} at */
function readUint32(bytes, at) {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}
