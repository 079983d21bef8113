// What a peer sent, as text that does nothing to the terminal it is shown on.
// Invariant: the result holds no control character but the tab, nothing that turns the direction of writing, and no
// byte is lost: what is not UTF-8 is shown as `\xff`.

/** Controls but the tab, line and paragraph separators, bidi controls (UAX #9), byte order marks, tags. */
const harmful = /(?!\t)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff\u{e0000}-\u{e007f}]/gu;

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function visibleText(bytes: Uint8Array): string {
  return decoded(bytes).replaceAll(harmful, escaped);
}

function decoded(bytes: Uint8Array): string {
  return decodedWhole(bytes) ?? decodedInPieces(bytes);
}

function decodedWhole(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Character by character, so that one bad byte does not make the rest unreadable. */
function decodedInPieces(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] ?? 0;
    const size = sizeOf(first);
    const character = size === undefined ? undefined : decodedWhole(bytes.subarray(at, at + size));
    text += character ?? hex(first);
    at += character === undefined ? 1 : (size ?? 1);
  }
  return text;
}

/** How many bytes the character has that begins so (RFC 3629 section 3); undefined where none begins. */
function sizeOf(first: number): number | undefined {
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return undefined;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? hex(code) : `\\u{${code.toString(16)}}`;
}

function hex(code: number): string {
  return `\\x${code.toString(16).padStart(2, "0")}`;
}
