// The life of sockets as lines on stderr: sentences for -v, NDJSON for --json.
// Invariant: a peer's bytes are never in them, but for endpoints and errors that Holdfast itself has worded.

import type { LifecycleEvent, SessionClosed, SocketError } from "../../index.js";
import { formatBytes } from "./units.js";

/** What a connection had moved when it closed. */
export interface Moved {
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** The event as a sentence; undefined where it says nothing that another does not. */
export function sentenceOf(event: LifecycleEvent, moved: Moved | undefined): string | undefined {
  const { name, id, kind, local, remote, by, reason, error, count } = event;
  const socket = kind === "session" ? `#${id} session` : `#${id}`;
  switch (name) {
    case "created":
      return kind === "connection" && remote !== undefined ? `${socket} trying ${remote}` : undefined;
    case "accepted":
      return `${socket} accepted from ${remote} on ${local}`;
    case "open":
      if (kind === "session") return `${socket} ${event.session} open with ${remote}`;
      return kind === "listener" ? undefined : `${socket} open: ${local} to ${remote}`;
    case "resuming":
      return `${socket} resuming: ${reason}`;
    case "resumed":
      return `${socket} resumed: nothing was lost`;
    case "half-closed":
      return `${socket} ${by === "local" ? "we have" : "the peer has"} ended`;
    case "closed": {
      if (kind === "listener") return `${socket} listens no more`;
      const bytes =
        moved === undefined
          ? ""
          : `; ${formatBytes(moved.bytesSent)} sent, ${formatBytes(moved.bytesReceived)} received`;
      return `${socket} closed by ${blame[by ?? "local"]}: ${reason ?? error?.reason ?? "no reason given"}${bytes}`;
    }
    case "refused":
      return `refused ${count ?? 1} (${reason})`;
    default:
      return undefined;
  }
}

/** The event as one line of JSON. */
export function recordOf(event: LifecycleEvent, moved: Moved | undefined, at: Date): string {
  const { name, error, ...rest } = event;
  return JSON.stringify({ time: at.toISOString(), event: name, ...rest, ...moved, ...failureFields(error) });
}

/** What its user should know, as one line of JSON. */
export function warningRecord(message: string, at: Date): string {
  return JSON.stringify({ time: at.toISOString(), event: "warning", message });
}

/** What became of the whole run, as one line of JSON. */
export function failureRecord(error: unknown, at: Date): string {
  const message = error instanceof Error ? error.message : String(error);
  return JSON.stringify({ time: at.toISOString(), event: "failed", ...failureFields(error), message });
}

/** What is unknown of a session that was lost. Its messages went in order, so these are the last ones. */
export function unacknowledgedSentence({ unacknowledged: { messages, bytes } }: SessionClosed): string {
  const last = messages === 1 ? "the last message" : `the last ${messages} messages`;
  return `${last} sent (${formatBytes(bytes)}) may not have arrived`;
}

/** The same as one line of JSON, with what had arrived and was not read. */
export function unacknowledgedRecord({ unacknowledged, unread }: SessionClosed, at: Date): string {
  const { messages, bytes } = unacknowledged;
  return JSON.stringify({
    time: at.toISOString(),
    event: "unacknowledged",
    messages,
    bytes,
    unreadMessages: unread.messages,
    unreadBytes: unread.bytes,
  });
}

function failureFields(error: unknown): { readonly error?: string; readonly code?: string } {
  if (!(error instanceof Error)) return {};
  const { code } = error as Partial<SocketError>;
  return { error: error.name, ...(code === undefined ? {} : { code }) };
}

const blame = { local: "us", remote: "the peer", network: "the network" } as const;
