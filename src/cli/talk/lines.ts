// stdin's bytes cut into lines, for framings whose messages are lines there; and line ends changed on their way.
// Invariant: n bytes cost O(n), and a line that never ends costs no more than its bound.

import { LimitError, limits } from "../../index.js";

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const none = new Uint8Array(0);

export class LineCutter {
  /** Pieces of the line that has not ended yet. */
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;

  /** The lines that end in `chunk`, without their LF or CRLF. */
  push(chunk: Uint8Array): Uint8Array[] {
    const found: Uint8Array[] = [];
    let from = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, from)) {
      found.push(withoutReturn(this.#joinedWith(chunk.subarray(from, end))));
      from = end + 1;
    }
    if (from < chunk.length) this.#keep(chunk.slice(from));
    return found;
  }

  /** The last line, if nothing ended it. */
  rest(): Uint8Array[] {
    return this.#pieceBytes === 0 ? [] : [this.#joinedWith(none)];
  }

  #keep(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#pieceBytes += piece.length;
    if (this.#pieceBytes <= limits.frameBytesMax) return;
    const context = { op: "read", endpoint: "stdin", advice: "leave out --framing for what has no lines" };
    throw new LimitError("frameBytesMax", this.#pieceBytes, limits.frameBytesMax, context);
  }

  #joinedWith(last: Uint8Array): Uint8Array {
    if (this.#pieceBytes === 0) return last;
    const line = join([...this.#pieces, last]);
    this.#pieces = [];
    this.#pieceBytes = 0;
    return line;
  }
}

/** LF becomes CRLF, as `nc -C` does; a CRLF stays what it is. */
export class ReturnAdder {
  #last = 0;

  push(chunk: Uint8Array): Uint8Array[] {
    const parts: Uint8Array[] = [];
    let from = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, end + 1)) {
      if ((end === 0 ? this.#last : chunk[end - 1]) === carriageReturn) continue;
      parts.push(chunk.subarray(from, end), returnOnly);
      from = end;
    }
    this.#last = chunk.at(-1) ?? this.#last;
    parts.push(chunk.subarray(from));
    return [join(parts)];
  }

  rest(): [] {
    return [];
  }
}

const returnOnly = new Uint8Array([carriageReturn]);

export function join(pieces: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let filled = 0;
  for (const piece of pieces) {
    joined.set(piece, filled);
    filled += piece.length;
  }
  return joined;
}

function withoutReturn(line: Uint8Array): Uint8Array {
  return line.at(-1) === carriageReturn ? line.subarray(0, -1) : line;
}
