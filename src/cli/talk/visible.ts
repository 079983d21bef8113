// What a peer sent, made harmless as it comes to a person's terminal: ESC is shown as ^[ and does nothing.
// Invariant: readable text in UTF-8 is untouched, and nothing in the result moves the cursor but tabs and line ends,
// wherever the bytes were cut.

/**
 * Controls but for tab, LF and CRLF (a CR alone lets a later text cover an earlier one), line and paragraph separators,
 * bidi controls (UAX #9), byte order marks, tags. The hub shows the same ones, as its own kind of text.
 */
const harmful = /(?![\t\n]|\r\n)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff\u{e0000}-\u{e007f}]/gu;

export class Visible {
  /** Keeps a character that is cut in two. What is no UTF-8 becomes U+FFFD, as UTF-8 terminals show it themselves. */
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #encoder = new TextEncoder();
  /** A CR at the end waits for the character that says whether it is a line end. */
  #held = "";

  show(chunk: Uint8Array): Uint8Array {
    const text = this.#held + this.#decoder.decode(chunk, { stream: true });
    this.#held = text.endsWith("\r") ? "\r" : "";
    return this.#harmless(text.slice(0, text.length - this.#held.length));
  }

  /** What is still held, once no more comes. */
  rest(): Uint8Array {
    return this.#harmless(this.#held + this.#decoder.decode());
  }

  #harmless(text: string): Uint8Array {
    return this.#encoder.encode(visible(text));
  }
}

/** The same for text that is whole. */
export function visible(text: string): string {
  return text.replaceAll(harmful, shown);
}

/** The letter 64 places away: 1B is ^[, 7F is ^?. C1 is the same behind a caret more: 9B is ^^[. Others by number. */
function shown(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return `^${String.fromCharCode(code ^ 0x40)}`;
  if (code < 0xa0) return `^^${String.fromCharCode(code ^ 0xc0)}`;
  return `\\u{${code.toString(16)}}`;
}
