// chunks(): no frames at all, bytes as they come. For what has its own form already: pipes, shells, a raw feed.
// Invariant: what is queued comes out as one chunk; where it was cut on its way means nothing.

import type { ByteQueue } from "../../core/byte-queue.js";
import { bytes } from "../encoding/bytes.js";
import type { Framer, Framing } from "./framing.js";
import { noMark } from "./marks.js";

/**
 * Hands on all that has come, as one chunk. Chunks are no messages: they may be joined or cut on their way, so
 * only `bytes()` and `text()` go with them. There is no `frameBytesMax` here.
 */
export function chunks(): Framing<Uint8Array> {
  return { name: "chunks", defaultEncoding: bytes(), keepsBoundaries: false, open: () => chunksFramer };
}

// It remembers nothing, so that one serves every connection.
const chunksFramer: Framer = {
  decode: takeAll,
  end: takeAll,
  header: () => noMark,
  trailer: noMark,
};

function takeAll(input: ByteQueue): Uint8Array | undefined {
  return input.size === 0 ? undefined : input.take(input.size);
}
