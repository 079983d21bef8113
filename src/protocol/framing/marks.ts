// Frames that end at a mark: what lines() and delimited() have in common, and the search for the mark.
// Invariant: no byte is searched twice however the input was cut, and no more than `frameBytesMax` and a mark wait.

import type { ByteQueue } from "../../core/byte-queue.js";
import { LimitError, ProtocolError, type SocketError, UsageError } from "../../core/errors.js";
import type { Framer } from "./framing.js";

/** What stands before or behind a frame where nothing does. */
export const noMark: Uint8Array = new Uint8Array(0);

/** What becomes of bytes that no mark ends when the input does: a frame like the others, or an error. */
export type LastFrame = "deliver" | "error";

export interface MarkedFormat {
  /** For errors: `a line`, `a line break`. */
  readonly frameName: string;
  readonly markName: string;
  /** Ends a frame on the way in. Not empty. */
  readonly mark: Uint8Array;
  /** Ends a frame on the way out. */
  readonly trailer: Uint8Array;
  /** A carriage return before the mark belongs to the mark. */
  readonly dropsReturn: boolean;
  readonly last: LastFrame;
  readonly frameBytesMax: number;
}

/** @throws UsageError for anything that is none. */
export function checkLast(last: LastFrame): void {
  if (last === "deliver" || last === "error") return;
  throw new UsageError(`last must be "deliver" or "error", got ${String(last)}`);
}

const carriageReturn = 0x0d;

export class MarkedFramer implements Framer {
  readonly trailer: Uint8Array;
  readonly #format: MarkedFormat;
  readonly #mark: Uint8Array;
  readonly #frameBytesMax: number;
  readonly #dropsReturn: boolean;
  /** No mark begins before this index of the input. */
  #searched = 0;
  #error: SocketError | undefined;

  constructor(format: MarkedFormat) {
    this.#format = format;
    this.trailer = format.trailer;
    this.#mark = format.mark;
    this.#frameBytesMax = format.frameBytesMax;
    this.#dropsReturn = format.dropsReturn;
  }

  decode(input: ByteQueue): Uint8Array | undefined {
    if (this.#error !== undefined) throw this.#error;
    const markAt = this.#findMark(input);
    if (markAt === -1) {
      this.#checkWaiting(input);
      return undefined;
    }
    this.#searched = 0;
    const frameBytes = this.#endsInReturn(input, markAt) ? markAt - 1 : markAt;
    this.#checkSize(frameBytes);
    const frame = input.take(frameBytes);
    input.skip(markAt - frameBytes + this.#mark.length);
    return frame;
  }

  end(input: ByteQueue): Uint8Array | undefined {
    if (this.#error !== undefined) throw this.#error;
    if (input.size === 0) return undefined;
    const { frameName, markName, last } = this.#format;
    if (last === "error") {
      const reason = `the input ended inside ${frameName}: ${input.size} bytes were waiting for ${markName}`;
      throw this.#fail(new ProtocolError("ERR_TRUNCATED", "remote", reason));
    }
    this.#checkSize(input.size);
    return input.take(input.size);
  }

  header(frame: Uint8Array): Uint8Array {
    if (frame.length > this.#frameBytesMax) {
      throw new LimitError("frameBytesMax", frame.length, this.#frameBytesMax);
    }
    const markAt = findMarkToSend(frame, this.#mark);
    if (markAt !== -1) throw this.#unsendable(`holds ${this.#format.markName} at byte ${markAt}`);
    // With a bare mark behind it the receiver would take the frame's own last byte for half of a mark.
    if (
      this.#dropsReturn &&
      this.trailer[0] !== carriageReturn &&
      frame[frame.length - 1] === carriageReturn
    ) {
      throw this.#unsendable("ends in a carriage return, which would become part of the line break");
    }
    return noMark;
  }

  #findMark(input: ByteQueue): number {
    const mark = this.#mark;
    const first = mark[0] ?? 0;
    const lastStart = input.size - mark.length;
    for (let at = this.#searched; at <= lastStart; at += 1) {
      at = input.indexOf(first, at);
      if (at === -1 || at > lastStart) break;
      if (mark.length === 1 || standsAt(mark, input, at)) return at;
    }
    // A mark may have begun in the last bytes and go on in what has not come yet.
    this.#searched = Math.max(this.#searched, lastStart + 1);
    return -1;
  }

  #endsInReturn(input: ByteQueue, at: number): boolean {
    return this.#dropsReturn && at > 0 && input.at(at - 1) === carriageReturn;
  }

  /** While no mark has come: all but the beginning of a mark is frame. */
  #checkWaiting(input: ByteQueue): void {
    if (input.size <= this.#frameBytesMax) return;
    const begun = this.#endsInReturn(input, input.size) ? 1 : this.#mark.length - 1;
    this.#checkSize(input.size - begun);
  }

  #checkSize(frameBytes: number): void {
    if (frameBytes <= this.#frameBytesMax) return;
    throw this.#fail(new LimitError("frameBytesMax", frameBytes, this.#frameBytesMax));
  }

  #unsendable(what: string): ProtocolError {
    return new ProtocolError("ERR_INVALID_MESSAGE", "local", `the message ${what}`, {
      advice: "use a framing that carries any bytes, such as lengthPrefixed()",
    });
  }

  /** From here on nobody knows where a frame begins. */
  #fail(error: SocketError): SocketError {
    this.#error = error;
    return error;
  }
}

function standsAt(mark: Uint8Array, input: ByteQueue, at: number): boolean {
  for (let i = 1; i < mark.length; i += 1) {
    if (input.at(at + i) !== mark[i]) return false;
  }
  return true;
}

/** Where a receiver would find the first mark in `frame` with a mark behind it, if that is inside; else -1. */
function findMarkToSend(frame: Uint8Array, mark: Uint8Array): number {
  const first = mark[0] ?? 0;
  for (let at = frame.indexOf(first); at !== -1; at = frame.indexOf(first, at + 1)) {
    let i = 1;
    // Past the end the mark itself follows: "a" before "aa" reads "aaa", whose first mark is at 0.
    while (
      i < mark.length &&
      (at + i < frame.length ? frame[at + i] : mark[at + i - frame.length]) === mark[i]
    ) {
      i += 1;
    }
    if (i === mark.length) return at;
  }
  return -1;
}
