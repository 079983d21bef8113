// Control characters made visible, as they come to a person's terminal: ESC is shown as ^[ and does nothing.
// Invariant: text in UTF-8 is untouched, and what is dangerous stays visible wherever the bytes were cut.

const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const escapeMark = 0x5e; // ^

export class Visible {
  /** The last byte so far was C2, which begins the code points U+0080 to U+00BF. */
  #afterC2 = false;

  show(chunk: Uint8Array): Uint8Array {
    if (!this.#afterC2 && !chunk.some(needsCare)) return chunk;
    const shown: number[] = [];
    for (const byte of chunk) {
      // C1 controls (U+0080 to U+009F) are commands to some terminals: 9B is CSI.
      if (this.#afterC2) {
        if (byte < 0xa0 && byte >= 0x80) shown.push(escapeMark, ...ascii(`x${byte.toString(16)}`));
        else shown.push(0xc2);
      }
      if (this.#afterC2 && byte < 0xa0 && byte >= 0x80) this.#afterC2 = false;
      else if (byte === 0xc2) this.#afterC2 = true;
      else {
        this.#afterC2 = false;
        if (isControl(byte)) shown.push(escapeMark, byte ^ 0x40);
        else shown.push(byte);
      }
    }
    return Uint8Array.from(shown);
  }
}

function needsCare(byte: number): boolean {
  return isControl(byte) || byte === 0xc2;
}

/** C0 but for what lays out text, and DEL (ECMA-48). `byte ^ 0x40` is the letter after the caret: 1B is ^[, 7F is ^?. */
function isControl(byte: number): boolean {
  if (byte === 0x7f) return true;
  return byte < 0x20 && byte !== tab && byte !== lineFeed && byte !== carriageReturn;
}

function ascii(text: string): number[] {
  return [...text].map((letter) => letter.charCodeAt(0));
}
