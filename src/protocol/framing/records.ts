// records(): messages of a transport that keeps their boundaries itself (WebSocket), as bytes between it and us.
// Invariant: a record is five bytes, its kind and its length, and then the message; nothing of this is on the wire.

import type { ByteQueue } from "../../core/byte-queue.js";
import { LimitError } from "../../core/errors.js";
import { bytes } from "../encoding/bytes.js";
import type { Framer, Framing, FramingLimits } from "./framing.js";
import { noMark } from "./marks.js";

/** Kind, and length as a big-endian u32. */
export const recordHeaderBytes = 5;
/** As RFC 6455 section 5.2 numbers them. */
export const recordKinds = { text: 1, binary: 2 } as const;

/** Writes the header of a record to the front of `into`. */
export function writeRecordHeader(into: Uint8Array, isText: boolean, messageBytes: number): void {
  into[0] = isText ? recordKinds.text : recordKinds.binary;
  into[1] = messageBytes >>> 24;
  into[2] = messageBytes >>> 16;
  into[3] = messageBytes >>> 8;
  into[4] = messageBytes;
}

/** @param isText What is sent is text; what is received may be either. */
export function records(isText: boolean): Framing<Uint8Array> {
  return {
    name: "records",
    defaultEncoding: bytes(),
    keepsBoundaries: true,
    open: (limits) => new RecordsFramer(isText, limits),
  };
}

/** The transport delivers whole records, so there is no end inside one; none is longer than it was told to take. */
class RecordsFramer implements Framer {
  readonly trailer: Uint8Array = noMark;
  readonly #isText: boolean;
  readonly #frameBytesMax: number;
  readonly #header: Uint8Array = new Uint8Array(recordHeaderBytes);

  constructor(isText: boolean, { frameBytesMax }: FramingLimits) {
    this.#isText = isText;
    this.#frameBytesMax = frameBytesMax;
  }

  decode(input: ByteQueue): Uint8Array | undefined {
    if (input.size < recordHeaderBytes) return undefined;
    const messageBytes = input.at(1) * 2 ** 24 + ((input.at(2) << 16) | (input.at(3) << 8) | input.at(4));
    // After a `reframe` it may be less than the transport took.
    if (messageBytes > this.#frameBytesMax) {
      throw new LimitError("frameBytesMax", messageBytes, this.#frameBytesMax);
    }
    if (input.size < recordHeaderBytes + messageBytes) return undefined;
    input.skip(recordHeaderBytes);
    return input.take(messageBytes);
  }

  end(): undefined {}

  header(frame: Uint8Array): Uint8Array {
    if (frame.length > this.#frameBytesMax) {
      throw new LimitError("frameBytesMax", frame.length, this.#frameBytesMax);
    }
    writeRecordHeader(this.#header, this.#isText, frame.length);
    return this.#header;
  }
}
