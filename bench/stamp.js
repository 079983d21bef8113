// Messages that prove themselves: a sequence number in front, its check behind, a pattern between.
// Invariant: a message that is lost, doubled, reordered or damaged ends the run; both sides pay a few nanoseconds for it.

export const stampBytes = 8;

/** Makes one stream's messages, each in the same memory: whoever sends must have copied it before the next. */
export class Stamper {
  /** @type {Uint8Array} */ #message;
  sent = 0;

  /** @param {number} bytes */
  constructor(bytes) {
    this.#message = Uint8Array.from({ length: bytes }, (_, index) => patternAt(index));
  }

  next() {
    const message = this.#message;
    writeUint32(message, 0, this.sent);
    writeUint32(message, message.length - 4, checkOf(this.sent));
    this.sent += 1;
    return message;
  }
}

/** Checks one stream's messages. */
export class StampChecker {
  #bytes;
  taken = 0;

  /** @param {number} bytes */
  constructor(bytes) {
    this.#bytes = bytes;
  }

  /** @param {Uint8Array} message */
  take(message) {
    const bytes = this.#bytes;
    const seq = this.taken;
    // One byte of the body each time, another one each time.
    const probe = 4 + (seq % (bytes - 7));
    if (
      message.length !== bytes ||
      readUint32(message, 0) !== seq ||
      readUint32(message, bytes - 4) !== checkOf(seq) ||
      (probe < bytes - 4 && message[probe] !== patternAt(probe))
    ) {
      throw new Error(
        `message ${seq} of ${bytes} bytes arrived as ${message.length}, damaged or out of turn`,
      );
    }
    this.taken = seq + 1;
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
