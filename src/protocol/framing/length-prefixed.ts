// lengthPrefixed(): every frame behind its own length. Carries any bytes, and costs the receiver no search.
// Invariant: a length is judged before a byte of its frame is waited for, so a hostile one costs nothing.

import type { ByteQueue } from "../../core/byte-queue.js";
import { LimitError, ProtocolError, UsageError } from "../../core/errors.js";
import { bytes } from "../encoding/bytes.js";
import type { Framer, Framing, FramingLimits } from "./framing.js";
import { FixedLength, incomplete, type LengthHeader, VarintLength } from "./length-header.js";
import { noMark } from "./marks.js";

export interface LengthPrefixedOptions {
  /** Bytes of the length: 1, 2, 4 (default), or `varint`, an unsigned LEB128 of one to five bytes. */
  readonly size?: 1 | 2 | 4 | "varint" | undefined;
  /** Which byte of the length comes first: the highest, `big` (default), or the lowest, `little`. */
  readonly endian?: "big" | "little" | undefined;
}

/** Frames of any bytes behind their length. @throws UsageError for an option it does not know. */
export function lengthPrefixed({
  size = 4,
  endian = "big",
}: LengthPrefixedOptions = {}): Framing<Uint8Array> {
  if (size !== 1 && size !== 2 && size !== 4 && size !== "varint") {
    throw new UsageError(`size must be 1, 2, 4 or "varint", got ${String(size)}`);
  }
  if (endian !== "big" && endian !== "little") {
    throw new UsageError(`endian must be "big" or "little", got ${String(endian)}`);
  }
  // One for all connections: what it writes is copied before anybody else's turn.
  const length = size === "varint" ? new VarintLength() : new FixedLength(size, endian);
  return {
    name: "lengthPrefixed",
    defaultEncoding: bytes(),
    keepsBoundaries: true,
    open: (limits) => new LengthPrefixedFramer(length, limits),
  };
}

class LengthPrefixedFramer implements Framer {
  readonly trailer: Uint8Array = noMark;
  readonly #length: LengthHeader;
  readonly #frameBytesMax: number;
  /** Size of the frame whose length is read and which has not come whole. */
  #frameBytes = incomplete;
  #error: unknown;

  constructor(length: LengthHeader, { frameBytesMax }: FramingLimits) {
    this.#length = length;
    this.#frameBytesMax = frameBytesMax;
  }

  decode(input: ByteQueue): Uint8Array | undefined {
    let frameBytes = this.#frameBytes;
    if (frameBytes === incomplete) {
      frameBytes = this.#peekLength(input);
      if (frameBytes === incomplete) return undefined;
    }
    // Length and frame are taken together, so that what is unread is whole if another framing takes over.
    const headerBytes = this.#length.sizeOf(frameBytes);
    if (input.size < headerBytes + frameBytes) {
      this.#frameBytes = frameBytes;
      return undefined;
    }
    this.#frameBytes = incomplete;
    input.skip(headerBytes);
    return input.take(frameBytes);
  }

  end(input: ByteQueue): undefined {
    if (this.#error !== undefined) throw this.#error;
    if (input.size === 0) return undefined;
    this.#error = new ProtocolError(
      "ERR_TRUNCATED",
      "remote",
      `the input ended inside ${this.#where(input)}`,
    );
    this.#frameBytes = incomplete;
    throw this.#error;
  }

  header(frame: Uint8Array): Uint8Array {
    const frameBytes = frame.length;
    if (frameBytes > this.#frameBytesMax) {
      throw new LimitError("frameBytesMax", frameBytes, this.#frameBytesMax);
    }
    return this.#length.write(frameBytes);
  }

  #peekLength(input: ByteQueue): number {
    if (this.#error !== undefined) throw this.#error;
    try {
      const frameBytes = this.#length.peek(input);
      if (frameBytes <= this.#frameBytesMax) return frameBytes;
      throw new LimitError("frameBytesMax", frameBytes, this.#frameBytesMax);
    } catch (error) {
      // From here on nobody knows where a frame begins.
      this.#error = error;
      throw error;
    }
  }

  #where(input: ByteQueue): string {
    const frameBytes = this.#frameBytes;
    if (frameBytes === incomplete) {
      const missing = this.#length.missing(input.size);
      return `the length of a frame: bytes waiting ${input.size}, missing at least ${missing}`;
    }
    const waiting = input.size - this.#length.sizeOf(frameBytes);
    return `a frame: ${waiting} of its ${frameBytes} bytes were waiting, ${frameBytes - waiting} missing`;
  }
}
