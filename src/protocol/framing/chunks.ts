// chunks(): no frames at all, bytes as they come. For what has its own form already: pipes, shells, a raw feed.
// Invariant: what is queued comes out as one chunk; where it was cut on its way means nothing.

import type { ByteQueue } from "../../core/byte-queue.js";
import { bytes } from "../encoding/bytes.js";
import type { Framer, Framing } from "./framing.js";
import { noMark } from "./marks.js";

/**
 * Hands on what has come, at most `readBytesMax` at once. Chunks are no messages: they may be joined or cut on their
 * way, so only `bytes()` and `text()` go with them. There is no `frameBytesMax` here.
 */
export function chunks(): Framing<Uint8Array> {
  return {
    name: "chunks",
    defaultEncoding: bytes(),
    keepsBoundaries: false,
    open: ({ readBytesMax = Number.POSITIVE_INFINITY }) => new ChunksFramer(readBytesMax),
  };
}

class ChunksFramer implements Framer {
  readonly trailer: Uint8Array = noMark;
  readonly #readBytesMax: number;

  constructor(readBytesMax: number) {
    this.#readBytesMax = readBytesMax;
  }

  decode(input: ByteQueue): Uint8Array | undefined {
    return input.size === 0 ? undefined : input.take(Math.min(input.size, this.#readBytesMax));
  }

  end(input: ByteQueue): Uint8Array | undefined {
    return this.decode(input);
  }

  header(): Uint8Array {
    return noMark;
  }
}
