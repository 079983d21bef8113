// How a session ended, and what became of what was sent.
// Invariant: a message is counted as unacknowledged or as unread, or the peer's reader has taken it; nothing is silent.

import {
  ClosedError,
  DisconnectedError,
  LimitError,
  ProtocolError,
  type SocketError,
} from "../core/errors.js";
import type { ClosedBy } from "../core/lifecycle.js";
import { limits } from "../core/limits.js";
import type { Encoder, Encoding } from "../protocol/encoding/encoding.js";
import type { Ending } from "../protocol/session/contract.js";
import { frameTypes, lastFlag } from "../protocol/session/frames.js";
import type { SessionMachine } from "../protocol/session/machine.js";
import { decodeOpen } from "../protocol/session/open-frame.js";
import { costOf } from "../protocol/session/outbox.js";

/** A message whose outcome is unknown: the peer may have it or not. */
export interface UnacknowledgedMessage<Send> {
  /** The stream's name; undefined for the session itself. */
  readonly stream: string | undefined;
  /** Undefined where the encoding cannot read what it has written; then `bytes` has it. */
  readonly message: Send | undefined;
  readonly bytes?: Uint8Array;
}

export interface SessionClosed<Send = unknown> {
  readonly by: ClosedBy;
  /** In a few words; `closed` if both sides closed in order. */
  readonly reason: string;
  /** Undefined if it was closed in order. */
  readonly error?: SocketError;
  /** Sent, and never acknowledged: whether it arrived is unknown. */
  readonly unacknowledged: {
    readonly messages: number;
    readonly bytes: number;
    /** The messages themselves, stream by stream, in the order in which they were sent. */
    list(): UnacknowledgedMessage<Send>[];
  };
  /**
   * In the peer's process, and not taken by its reader at its last word: on the session itself and on streams that were
   * in use. Bytes as credit counts them: at least 64 a message.
   */
  readonly unread: { readonly messages: number; readonly bytes: number };
}

interface Unacknowledged {
  readonly streamId: number;
  readonly payload: Uint8Array;
}

/** Counts now, decodes when asked; the machine must not be used any more. */
export function reportOf<Send>(
  machine: SessionMachine,
  encoding: Encoding<never, Send>,
): Pick<SessionClosed<Send>, "unacknowledged" | "unread"> {
  const waiting = messagesOf(machine);
  const underWay = perStream(waiting);
  const names = new Map<number, string>();
  const unread = { messages: 0, bytes: 0 };
  for (const flow of machine.streams) {
    if (flow.id !== 0) names.set(flow.id, flow.name);
    if (flow.abortedByPeer !== undefined || flow.isAbortSaid) continue;
    const { messages, bytes } = flow.untaken;
    const own = underWay.get(flow.id) ?? none;
    unread.messages += messages - own.messages;
    unread.bytes += bytes - own.bytes;
  }
  const list = () => {
    const encoder = encoding.open();
    return [...waiting]
      .sort((one, other) => one.streamId - other.streamId)
      .map(({ streamId, payload }) => ({
        stream: names.get(streamId),
        ...decoded(encoder, payload),
      }));
  };
  const bytes = waiting.reduce((sum, { payload }) => sum + payload.length, 0);
  return { unacknowledged: { messages: waiting.length, bytes, list }, unread };
}

function decoded<Send>(
  encoder: Encoder<never, Send>,
  bytes: Uint8Array,
): Pick<UnacknowledgedMessage<Send>, "message" | "bytes"> {
  try {
    return { message: encoder.decode(bytes, false) };
  } catch {
    return { message: undefined, bytes };
  }
}

const none = { messages: 0, bytes: 0 };

/** How many, and at what cost. */
function perStream(waiting: readonly Unacknowledged[]): Map<number, typeof none> {
  const sums = new Map<number, typeof none>();
  for (const { streamId, payload } of waiting) {
    const { messages, bytes } = sums.get(streamId) ?? none;
    sums.set(streamId, { messages: messages + 1, bytes: bytes + costOf(payload.length) });
  }
  return sums;
}

function messagesOf(machine: SessionMachine): Unacknowledged[] {
  const messages: Unacknowledged[] = [];
  for (const { type, stream, payload } of machine.unacknowledged()) {
    const kind = type & ~lastFlag;
    if (kind === frameTypes.data) messages.push({ streamId: stream, payload });
    if (kind !== frameTypes.open) continue;
    const { message } = decodeOpen(payload);
    if (message !== undefined) messages.push({ streamId: stream, payload: message });
  }
  return messages;
}

/** What the end of a session is to those who still use it; undefined for an end in order. */
export function errorOf({ by, code, reason, isHeard }: Ending, endpoint: string): SocketError | undefined {
  const context = { endpoint };
  const blame = isHeard ? "local" : "remote";
  switch (code) {
    case "closed":
      return undefined;
    case "protocol":
      return new ProtocolError("ERR_INVALID_BYTES", blame, reason, context);
    case "undecodable":
      return new ProtocolError("ERR_INVALID_MESSAGE", blame, reason, context);
    case "abuse":
      return new LimitError("earlyAbortsMax", limits.earlyAbortsMax + 1, limits.earlyAbortsMax, context);
    case "expired":
    case "evicted":
      return new DisconnectedError("ERR_SESSION_EXPIRED", reason, context);
    case "aborted":
      if (by === "local") return new ClosedError(`aborted here (${reason})`, context);
      return new DisconnectedError(
        "ERR_CONNECTION_RESET",
        `the peer aborted the session (${reason})`,
        context,
      );
    default:
      return new DisconnectedError("ERR_SESSION_LOST", reason === "" ? code : reason, context);
  }
}
