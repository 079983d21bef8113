// The payload of OPEN: a stream's name, its metadata and perhaps its first message (docs/PROTOCOL.md section 4).
// Invariant: a message is never copied, neither on its way in nor out.

import { LimitError, ProtocolError } from "../../core/errors.js";
import { json } from "../encoding/json.js";
import { decodeUtf8, encodeUtf8 } from "../encoding/utf8.js";
import { openFixedBytes } from "./frames.js";
import { Violation } from "./violation.js";

export interface Open {
  readonly name: string;
  /** Any JSON value; undefined is none. */
  readonly metadata?: unknown;
  /** A view of the payload; undefined is none, which is not the same as one of no bytes. */
  readonly message?: Uint8Array | undefined;
}

/**
 * What stands before the message; the message's own bytes follow it as they are.
 * @throws LimitError (`openBytesMax`) beyond what the receiver takes; ProtocolError (by local) for what has no JSON form.
 */
export function encodeOpenHead(
  { name, metadata }: Open,
  hasMessage: boolean,
  openBytesMax: number,
): Uint8Array {
  // Copied, since both encoders share one scratch.
  const nameBytes = encodeUtf8(name).slice();
  const metadataBytes = metadata === undefined ? none : jsonCoder.encode(metadata);
  const headBytes = openFixedBytes + nameBytes.length + metadataBytes.length;
  if (headBytes > openBytesMax) {
    const advice = "say less in the stream's name and metadata, and the rest in its first message";
    throw new LimitError("openBytesMax", headBytes, openBytesMax, { advice });
  }
  const head = new Uint8Array(headBytes);
  head[0] = hasMessage ? 1 : 0;
  writeUint16(head, 1, nameBytes.length);
  writeUint16(head, 3, metadataBytes.length);
  head.set(nameBytes, openFixedBytes);
  head.set(metadataBytes, openFixedBytes + nameBytes.length);
  return head;
}

/** What stands before the message takes this much, by its first `openFixedBytes` bytes. */
export function openHeadBytes(payload: Uint8Array): number {
  return openFixedBytes + readUint16(payload, 1) + readUint16(payload, 3);
}

/** @param payload Of at least `openFixedBytes`. @throws Violation (`malformed`). */
export function decodeOpen(payload: Uint8Array): Open {
  const flags = payload[0];
  const nameEnd = openFixedBytes + readUint16(payload, 1);
  const headEnd = openHeadBytes(payload);
  if (flags !== 0 && flags !== 1) throw new Violation("malformed", `an OPEN has the flags ${String(flags)}`);
  if (headEnd > payload.length) throw new Violation("malformed", "an OPEN is shorter than its parts");
  if (flags === 0 && headEnd < payload.length) {
    throw new Violation("malformed", "something follows an OPEN without a message");
  }
  return {
    name: read("name", () => decodeUtf8(payload.subarray(openFixedBytes, nameEnd))),
    metadata:
      nameEnd === headEnd
        ? undefined
        : read("metadata", () => jsonCoder.decode(payload.subarray(nameEnd, headEnd), false)),
    message: flags === 1 ? payload.subarray(headEnd) : undefined,
  };
}

function read<T>(what: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new Violation("malformed", `the ${what} of an OPEN cannot be read: ${error.reason}`);
  }
}

const jsonCoder = json().open();
const none = new Uint8Array(0);

function writeUint16(into: Uint8Array, at: number, value: number): void {
  into[at] = value;
  into[at + 1] = value >>> 8;
}

function readUint16(from: Uint8Array, at: number): number {
  return (from[at] ?? 0) | ((from[at + 1] ?? 0) << 8);
}
