// bytes(): a message is its bytes. The encoding that never stands between you and the wire.
// Invariant: what is received is a plain `Uint8Array`, whatever was sent.

import { ProtocolError } from "../../core/errors.js";
import type { Encoder, Encoding } from "./encoding.js";

/**
 * Messages are `Uint8Array`s, and so are `Buffer`s. An `ArrayBuffer`, a `DataView` or numbers wider than a byte are
 * refused: which bytes were meant, and in which order, only the caller knows.
 */
export function bytes(): Encoding<Uint8Array> {
  return { name: "bytes", anyCut: true, open: () => bytesEncoder };
}

/** True for the `Uint8Array` of any realm, as test runners and frames have their own. */
export function isBytes(value: unknown): value is Uint8Array {
  if (value instanceof Uint8Array) return true;
  return ArrayBuffer.isView(value) && (value as Partial<Uint8Array>)[Symbol.toStringTag] === "Uint8Array";
}

/** The same memory through a plain `Uint8Array`: what is made of a `Buffer` would be `Buffer`s too. */
export function plainView(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

// It remembers nothing, so that one serves every connection.
const bytesEncoder: Encoder<Uint8Array> = {
  encode(message) {
    if (isBytes(message)) return message;
    const advice = "wrap it in a Uint8Array, or choose text() or json()";
    const reason = `bytes() sends Uint8Arrays, not ${kindOf(message)}`;
    throw new ProtocolError("ERR_INVALID_MESSAGE", "local", reason, { advice });
  },
  decode(frame, cut) {
    if (cut && frame.length === 0) return undefined;
    return frame.constructor === Uint8Array ? frame : plainView(frame);
  },
  end() {},
};

/** What to call `value` in an error: `a string`, `an ArrayBuffer`, `null`. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  const name = typeof value === "object" ? Object.prototype.toString.call(value).slice(8, -1) : typeof value;
  return /^[aeiou]/i.test(name) ? `an ${name}` : `a ${name}`;
}
