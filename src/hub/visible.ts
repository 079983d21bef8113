// What a peer sent, as text that does nothing to the terminal it is shown on.
// Invariant: the result holds no control character but the tab, nothing that turns the direction of writing, and no
// byte is lost: what is not UTF-8 is shown as `\xff`.

/** Controls but the tab, line and paragraph separators, bidi controls (UAX #9), byte order marks, tags. */
const harmful = /(?!\t)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff\u{e0000}-\u{e007f}]/gu;

export function visibleText(bytes: Uint8Array): string {
  return visible(decoder.decode(wellFormed(bytes)));
}

/** The same for text, of whose origin nothing is known. */
export function visible(text: string): string {
  return text.replaceAll(harmful, escaped);
}

/**
 * The same bytes, with each that belongs to no character written out, so that all are decoded at once: a decoder that
 * throws at every bad byte would cost a sixth of a second for one hostile line.
 */
function wellFormed(bytes: Uint8Array): Uint8Array {
  const bad = badBytes(bytes);
  if (bad.length === 0) return bytes;
  const text = new Uint8Array(bytes.length + bad.length * 3);
  let copied = 0;
  let size = 0;
  for (const at of bad) {
    if (copied < at) text.set(bytes.subarray(copied, at), size);
    size += at - copied;
    const written = writtenBytes[bytes[at] ?? 0] ?? none;
    text.set(written, size);
    size += written.length;
    copied = at + 1;
  }
  text.set(bytes.subarray(copied), size);
  return text;
}

/** Where the bytes stand that belong to no character. */
function badBytes(bytes: Uint8Array): number[] {
  const bad: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = characterSize(bytes, at);
    if (size === 0) bad.push(at);
    at += Math.max(size, 1);
  }
  return bad;
}

/** How many bytes the character has that begins there; 0 where none does (the table of RFC 3629 section 4). */
function characterSize(bytes: Uint8Array, at: number): 0 | 1 | 2 | 3 | 4 {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  // Longer forms than needed, surrogates, and what lies beyond Unicode are told by the second byte.
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  const second = bytes[at + 1] ?? 0;
  if (second < lowest || second > highest) return 0;
  if (first < 0xe0) return 2;
  if (!continues(bytes[at + 2])) return 0;
  if (first < 0xf0) return 3;
  return continues(bytes[at + 3]) ? 4 : 0;
}

function continues(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x80 && byte <= 0xbf;
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return writtenCodes[code] ?? `\\u{${code.toString(16)}}`;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();
const none = new Uint8Array(0);
/** How each byte is written out, in four characters: made once, since a hostile line needs thousands. */
const writtenCodes = Array.from({ length: 256 }, (_, code) => `\\x${code.toString(16).padStart(2, "0")}`);
const writtenBytes = writtenCodes.map((text) => encoder.encode(text));
