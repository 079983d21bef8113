// Messages that prove themselves: a sequence number in front, its check behind, a pattern between.
// Invariant: a message that is lost, doubled, reordered or damaged ends the run; both sides pay a few nanoseconds for it.

/** Makes one stream's messages, in memory that is used again after `ringBytes`: hold back no more than half of it. */
export class Stamper {
  /** @type {Uint8Array[]} */ #ring;
  sent = 0;

  /** @param {number} bytes @param {number} [ringBytes] */
  constructor(bytes, ringBytes = 0) {
    const one = Uint8Array.from({ length: bytes }, (_, index) => patternAt(index));
    this.#ring = Array.from({ length: Math.ceil(ringBytes / bytes) || 1 }, () => one.slice());
  }

  next() {
    const message = this.#ring[this.sent % this.#ring.length];
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
