// Control characters made visible, as they come to a person's terminal: ESC is shown as ^[ and does nothing.
// Invariant: text in UTF-8 is untouched, and what is dangerous is shown wherever the bytes were cut.

/**
 * C0 but for tab, line feed and carriage return, DEL, and C1 as UTF-8 writes it: C2, then 80 to 9F (ECMA-48; 9B alone
 * begins a command on some terminals).
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is what it is for
const control = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]/g;
const firstOfTwo = 0xc2;

export class Visible {
  /** The chunk before ended in C2, which waits for the byte that says what it begins. */
  #holdsFirst = false;

  show(chunk: Uint8Array): Uint8Array {
    const from = this.#holdsFirst ? "\u00c2" : "";
    this.#holdsFirst = chunk.at(-1) === firstOfTwo;
    // Each byte as the character of the same number, so that one expression sees both.
    const text = from + Buffer.from(chunk).toString("latin1", 0, chunk.length - (this.#holdsFirst ? 1 : 0));
    return Buffer.from(text.replace(control, caretNotation), "latin1");
  }

  /** What is still held, once no more comes. */
  rest(): Uint8Array {
    return new Uint8Array(this.#holdsFirst ? [firstOfTwo] : []);
  }
}

/** The letter 64 places away: 1B is ^[, 7F is ^?. C1 is the same behind a caret more: 9B is ^^[. */
function caretNotation(found: string): string {
  const code = found.charCodeAt(found.length - 1);
  return code < 0x80 ? `^${String.fromCharCode(code ^ 0x40)}` : `^^${String.fromCharCode(code ^ 0xc0)}`;
}
