// WebSocket's close codes (RFC 6455 section 7.4.1, and the IANA registry) in our words, both ways: one table.
// Invariant: what a peer says of its reasons is shown, and harmless to print.

import {
  type DisconnectedCode,
  DisconnectedError,
  type ErrorContext,
  LimitError,
  ProtocolError,
  RefusedError,
  type SocketError,
} from "../../core/errors.js";

type Blame = "order" | "us" | "refused" | DisconnectedCode;

/** What it says of us if the peer closes with it. Those of 3000 to 4999 are the application's own, and in order. */
const codes: { readonly [code: number]: readonly [blame: Blame, meaning: string] } = {
  1000: ["order", "closed"],
  1001: ["order", "going away"],
  1002: ["us", "protocol error"],
  1003: ["us", "a kind of message that it does not take"],
  1005: ["order", "closed without a code"],
  1006: ["ERR_CONNECTION_LOST", "the connection ended without a Close frame"],
  1007: ["us", "a message that is not what it says it is"],
  1008: ["refused", "against its policy"],
  1009: ["refused", "a message that is too long for it"],
  1010: ["us", "an extension is missing"],
  1011: ["ERR_CONNECTION_LOST", "an error of its own"],
  1012: ["ERR_CONNECTION_LOST", "it restarts"],
  1013: ["ERR_CONNECTION_LOST", "it is overloaded, try again later"],
  1014: ["ERR_CONNECTION_LOST", "its gateway failed"],
  1015: ["ERR_CONNECTION_LOST", "TLS failed"],
};

/** Why a link that the peer closed with this code is over; undefined if that is in order. */
export function closeError(code: number, reason: string, context: ErrorContext): SocketError | undefined {
  const [blame, meaning] = codes[code] ?? ["order", ""];
  if (blame === "order") return undefined;
  const said = reason === "" ? meaning : visible(reason);
  if (code === 1006) return new DisconnectedError("ERR_CONNECTION_LOST", meaning, context);
  const text = `the peer closed with ${code} (${said})`;
  if (blame === "us") return new ProtocolError("ERR_INVALID_MESSAGE", "local", text, context);
  if (blame !== "refused") return new DisconnectedError(blame, text, context);
  const advice = code === 1009 ? "send less at once, or let the peer take more" : undefined;
  return new RefusedError(text, { ...context, advice });
}

/** The words for a close in order: undefined if there is nothing to say of it. */
export function closeWords(code: number, reason: string): string | undefined {
  if (reason === "" && (code === 1000 || code === 1005)) return undefined;
  const said = reason === "" ? codes[code]?.[1] : visible(reason);
  return said === undefined ? `closed with ${code}` : `closed with ${code} (${said})`;
}

/** What we close with, if what the peer sent came to this. */
export function closeCodeOf(error: SocketError): number {
  if (error instanceof LimitError) return 1009;
  if (error instanceof RefusedError) return 1008;
  return error instanceof ProtocolError && error.code !== "ERR_TRUNCATED" ? 1007 : 1002;
}

/** Without control characters, and without those that turn the direction of writing or cannot be seen. */
export function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, " ");
}

/** At most 123 bytes of UTF-8 (RFC 6455 section 5.5), whole characters. */
export function shortReason(text: string): string {
  const bytes = new Uint8Array(closeReasonBytesMax);
  const { read } = new TextEncoder().encodeInto(text, bytes);
  return text.slice(0, read);
}

const closeReasonBytesMax = 123;
