// Cutting what plain programs send into messages, for programs that may never send a line break.
// A message ends at LF, at CRLF, when the input ends, or when nothing has come for `quietMs`. No I/O: time comes in
// as an argument, the deadline is read out. Invariant: at most `lineBytesMax` of a line are held, however long it is.

import { ByteQueue } from "../core/byte-queue.js";

export interface PlainFramingOptions {
  /** The longest message, in bytes, without its line break. */
  readonly lineBytesMax: number;
  /** The silence that ends a message; 0: none does. */
  readonly quietMs: number;
}

export type PlainMessage =
  | { readonly kind: "message"; readonly bytes: Uint8Array; readonly endedBy: "newline" | "silence" | "end" }
  /** Given as soon as a line has grown too long; the rest of it is skipped. */
  | { readonly kind: "too-long" };

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const zero = 0x00;

export class PlainFraming {
  readonly #options: PlainFramingOptions;
  readonly #input = new ByteQueue();
  /** No line feed stands before this index of the input. */
  #searched = 0;
  /** Inside a line that was too long: drop what comes, up to its end. */
  #skipping = false;
  #lastReceived = 0;
  /** What ends the unfinished rest: set once, by `expire` or `end`. */
  #restEndedBy: "silence" | "end" | undefined;

  constructor(options: PlainFramingOptions) {
    this.#options = options;
  }

  /** When `expire` should be called unless more comes before; undefined while nothing is unfinished. */
  get deadline(): number | undefined {
    const { quietMs } = this.#options;
    const unfinished = this.#input.size > 0 || this.#skipping;
    return quietMs > 0 && unfinished ? this.#lastReceived + quietMs : undefined;
  }

  /** What has come and was not given out yet, as it lies; valid until the next call. */
  peek(): Uint8Array {
    return this.#input.peek();
  }

  receive(chunk: Uint8Array, now: number): void {
    this.#lastReceived = now;
    this.#input.append(chunk);
  }

  /** Nobody looked at what came until now: only from here on is it silence. */
  listen(now: number): void {
    this.#lastReceived = now;
  }

  /** Time has passed: if it was silent for long enough, what has come so far is a message. */
  expire(now: number): void {
    if (this.deadline !== undefined && now >= this.deadline) this.#restEndedBy = "silence";
  }

  /** No more comes: what there is, is the last message. */
  end(): void {
    this.#restEndedBy = "end";
  }

  /** The next message; undefined until more has come or time has passed. Its bytes are the caller's. */
  next(): PlainMessage | undefined {
    for (;;) {
      const at = this.#input.indexOf(lineFeed, this.#searched);
      if (at === -1) return this.#unfinished();
      this.#searched = 0;
      const line = this.#input.take(at);
      this.#input.skip(1);
      if (this.#skipping) this.#skipping = false;
      else return this.#whole(line, "newline");
    }
  }

  #unfinished(): PlainMessage | undefined {
    const { lineBytesMax } = this.#options;
    const size = this.#input.size;
    this.#searched = size;
    // Two more may be a zero and the carriage return of the line break.
    const tooLong = size > lineBytesMax + 2;
    if (this.#skipping || tooLong) {
      this.#input.skip(size);
      this.#searched = 0;
    }
    if (tooLong && !this.#skipping) {
      this.#skipping = this.#restEndedBy === undefined;
      return { kind: "too-long" };
    }
    const endedBy = this.#restEndedBy;
    if (endedBy === undefined) return undefined;
    this.#restEndedBy = undefined;
    this.#searched = 0;
    if (this.#skipping || size === 0) {
      this.#skipping = false;
      return undefined;
    }
    return this.#whole(this.#input.take(size), endedBy);
  }

  #whole(line: Uint8Array, endedBy: "newline" | "silence" | "end"): PlainMessage {
    const bytes = trimmed(line);
    return bytes.length > this.#options.lineBytesMax
      ? { kind: "too-long" }
      : { kind: "message", bytes, endedBy };
  }
}

/** Without the carriage return of a line break, and without the zero that C programs send behind a string. */
function trimmed(line: Uint8Array): Uint8Array {
  let size = line.length;
  if (line[size - 1] === carriageReturn) size -= 1;
  if (line[size - 1] === zero) size -= 1;
  return line.subarray(0, size);
}
