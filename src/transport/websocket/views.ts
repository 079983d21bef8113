// Which view of a WebSocket whoever dials or listens asked for, and how long its messages may be.

import { limits } from "../../core/limits.js";
import type { ByteStream } from "../byte-stream.js";
import type { MessageLink } from "../message-link.js";
import type { StreamOptions } from "../transport.js";
import { BytesOverLink } from "./link-bytes.js";
import { RecordsOverLink } from "./link-records.js";
import type { MessageBound } from "./ws-link.js";

/** Messages for a connection, bytes for a session. */
export function streamOver(link: MessageLink, { asRecords }: StreamOptions): ByteStream {
  return asRecords === true ? new RecordsOverLink(link) : new BytesOverLink(link);
}

export function boundOf({ asRecords, messageBytesMax = limits.frameBytesMax }: StreamOptions): MessageBound {
  if (asRecords !== true) return { bytesMax: limits.linkMessageBytesMax, limit: "linkMessageBytesMax" };
  // `ws` reckons with 32 bits, and takes less than one for no bound at all.
  return { bytesMax: Math.min(messageBytesMax, 2 ** 31 - 1), limit: "frameBytesMax" };
}
