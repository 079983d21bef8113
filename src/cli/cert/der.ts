// DER (ITU-T X.690 section 10), as much as a certificate needs to be written.
// Invariant: every value has one encoding, so that what is signed is what everybody else reads.

const textEncoder = new TextEncoder();

/** One value: its tag, its length, and its content, which may be other values. */
export function tagged(tag: number, ...content: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = content.reduce((sum, { length }) => sum + length, 0);
  const header = [tag, ...lengthOf(bytes)];
  const value = new Uint8Array(header.length + bytes);
  value.set(header);
  let at = header.length;
  for (const part of content) {
    value.set(part, at);
    at += part.length;
  }
  return value;
}

export function sequence(...items: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return tagged(0x30, ...items);
}

export function set(...items: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return tagged(0x31, ...items);
}

/** `bytes` as they are: positive, without a leading zero. */
export function integer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return tagged(0x02, bytes);
}

export function octets(content: Uint8Array): Uint8Array<ArrayBuffer> {
  return tagged(0x04, content);
}

/** @param unusedBits Of the last byte, its lowest ones. */
export function bits(content: Uint8Array, unusedBits = 0): Uint8Array<ArrayBuffer> {
  return tagged(0x03, new Uint8Array([unusedBits]), content);
}

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return tagged(0x0c, textEncoder.encode(text));
}

export const yes: Uint8Array<ArrayBuffer> = tagged(0x01, new Uint8Array([0xff]));

/** An object identifier from its dotted form. */
export function identifier(dotted: string): Uint8Array<ArrayBuffer> {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return tagged(0x06, new Uint8Array([first * 40 + second, ...rest.flatMap(base128)]));
}

/** A certificate's date, which has seconds: with a year of two digits until 2049 (RFC 5280 section 4.1.2.5). */
export function time(date: Date): Uint8Array<ArrayBuffer> {
  const digits = `${date.toISOString().replaceAll(/\D/g, "").slice(0, 14)}Z`;
  return date.getUTCFullYear() < 2050
    ? tagged(0x17, textEncoder.encode(digits.slice(2)))
    : tagged(0x18, textEncoder.encode(digits));
}

function lengthOf(bytes: number): number[] {
  if (bytes < 0x80) return [bytes];
  return bytes < 0x100 ? [0x81, bytes] : [0x82, bytes >> 8, bytes & 0xff];
}

/** Seven bits a byte, the highest first; all but the last are marked. */
function base128(part: number): number[] {
  const bytes = [part & 0x7f];
  for (let rest = part >> 7; rest > 0; rest >>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
}
