// How a session ended, and what became of what was sent.
// Invariant: a message is counted as unacknowledged or as unread, or the peer's reader has taken it; nothing is silent.

import { ClosedError, DisconnectedError, ProtocolError, type SocketError } from "../core/errors.js";
import type { ClosedBy } from "../core/lifecycle.js";
import type { Encoder } from "../protocol/encoding/encoding.js";
import type { Ending } from "../protocol/session/contract.js";
import { frameTypes, lastFlag } from "../protocol/session/frames.js";
import type { SessionMachine } from "../protocol/session/machine.js";
import { decodeOpen } from "../protocol/session/open-frame.js";

/** A message whose outcome is unknown: the peer may have it or not. */
export interface UnacknowledgedMessage<Send> {
  /** The stream's name; undefined for the session itself. */
  readonly stream: string | undefined;
  readonly message: Send;
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
  encoder: Encoder<never, Send>,
): Pick<SessionClosed<Send>, "unacknowledged" | "unread"> {
  const waiting = messagesOf(machine);
  const names = new Map<number, string>();
  const unread = { messages: 0, bytes: 0 };
  for (const flow of machine.streams) {
    if (flow.id !== 0) names.set(flow.id, flow.name);
    if (flow.abortedByPeer !== undefined || flow.isAbortSaid) continue;
    const { messages, bytes } = flow.untaken;
    const own = waiting.filter(({ streamId }) => streamId === flow.id);
    unread.messages += messages - own.length;
    unread.bytes += bytes - own.reduce((sum, { payload }) => sum + Math.max(64, payload.length), 0);
  }
  const list = () =>
    [...waiting]
      .sort((one, other) => one.streamId - other.streamId)
      .map(({ streamId, payload }) => ({
        stream: names.get(streamId),
        message: encoder.decode(payload, false) as Send,
      }));
  const bytes = waiting.reduce((sum, { payload }) => sum + payload.length, 0);
  return { unacknowledged: { messages: waiting.length, bytes, list }, unread };
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
