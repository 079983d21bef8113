// Charsets of one byte a character, where the byte is the code point: ASCII and ISO 8859-1.
// Invariant: a character outside the charset is never cut down to its lowest byte.

import { ProtocolError } from "../../core/errors.js";
import { quoteBytes, quoteText } from "./quote.js";
import { decodeUtf8 } from "./utf8.js";

/** @throws ProtocolError for a character above `highest`. */
export function encodeSingleBytes(text: string, charset: string, highest: number): Uint8Array {
  const encoded = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit > highest) {
      const reason = `the text holds ${quoteText(characterAt(text, i))} at ${i}, which ${charset} cannot say`;
      const advice = 'use text({ charset: "utf-8" }) on both sides';
      throw new ProtocolError("ERR_INVALID_MESSAGE", "local", reason, { advice });
    }
    encoded[i] = unit;
  }
  return encoded;
}

/** @throws ProtocolError for a byte above `highest`, unless `replace`: then it becomes U+FFFD. */
export function decodeSingleBytes(
  frame: Uint8Array,
  charset: string,
  highest: number,
  replace: boolean,
): string {
  const aboveAscii = indexAboveAscii(frame);
  // The platform has no ISO 8859-1 (its `latin1` is windows-1252), but ASCII is UTF-8 too.
  if (aboveAscii === -1) return decodeUtf8(frame);
  const isAllowed = highest >= 0x80;
  if (!isAllowed && !replace) {
    const found = quoteBytes(frame.subarray(aboveAscii));
    throw new ProtocolError("ERR_INVALID_BYTES", "remote", `invalid ${charset} at ${aboveAscii}: ${found}`);
  }
  const codes = isAllowed ? frame : Uint16Array.from(frame, (byte) => (byte < 0x80 ? byte : 0xfffd));
  return fromCodes(codes);
}

function indexAboveAscii(frame: Uint8Array): number {
  let at = 0;
  for (const byte of frame) {
    if (byte >= 0x80) return at;
    at += 1;
  }
  return -1;
}

/** A call takes only so many arguments. */
const codesPerCall = 4_096;

function fromCodes(codes: Uint8Array | Uint16Array): string {
  const pieces: string[] = [];
  for (let at = 0; at < codes.length; at += codesPerCall) {
    pieces.push(Reflect.apply(String.fromCharCode, undefined, codes.subarray(at, at + codesPerCall)));
  }
  return pieces.join("");
}

/** Both halves of a surrogate pair, where there is one. */
function characterAt(text: string, at: number): string {
  return String.fromCodePoint(text.codePointAt(at) ?? 0);
}
