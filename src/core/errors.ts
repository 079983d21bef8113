// The error tree: classes by blame, a stable `code` by reason, context first in the message.
// Invariant: every error that Holdfast itself raises is a `SocketError`, and its message reads `op endpoint: cause`.

import type { LimitName } from "./limits.js";

/** Where an error happened, and what can be done about it. */
export interface ErrorContext {
  /** The operation that failed: `connect`, `send`, `listen`, … */
  readonly op?: string | undefined;
  /** The endpoint that it was done to, as the user wrote it or as the system chose it. */
  readonly endpoint?: string | undefined;
  /** What to change so that it works; a full sentence without its final stop. */
  readonly advice?: string | undefined;
  /** The error underneath, as the system or a validator gave it. */
  readonly cause?: unknown;
}

/** The root of the tree: catch this one to catch all that Holdfast raises, except a signal's own reason. */
export abstract class SocketError extends Error {
  /** Stable across versions; the reason, where the class is the blame. */
  abstract readonly code: string;
  /** The cause alone, without what it was done to and without advice. */
  readonly reason: string;
  readonly op: string | undefined;
  readonly endpoint: string | undefined;
  readonly advice: string | undefined;

  constructor(reason: string, context: ErrorContext = {}) {
    super(messageOf(reason, context), context.cause === undefined ? undefined : { cause: context.cause });
    this.reason = reason;
    this.op = context.op;
    this.endpoint = context.endpoint;
    this.advice = context.advice;
  }

  /** Says where it happened, for what was raised by a machine that cannot know; what it says already stays. */
  locate(op: string, endpoint: string): this {
    const open = this as { -readonly [Key in "op" | "endpoint" | "message"]: SocketError[Key] };
    open.op ??= op;
    open.endpoint ??= endpoint;
    open.message = messageOf(this.reason, this);
    return this;
  }

  // On the prototype, not set per instance: subclasses are told apart by their class alone. Those here say their names,
  // which a minifier takes from classes.
  override get name(): string {
    return this.constructor.name;
  }
}

function messageOf(reason: string, { op, endpoint, advice }: ErrorContext): string {
  const where = [op, endpoint].filter((part) => part !== undefined).join(" ");
  const text = where === "" ? reason : `${where}: ${reason}`;
  return advice === undefined ? text : `${text}; ${advice}`;
}

/** You used it after its end. */
export class ClosedError extends SocketError {
  static override readonly name = "ClosedError";
  readonly code = "ERR_CLOSED";
}

/** Two readers at once: messages would be dealt out between them at random. */
export class BusyError extends SocketError {
  static override readonly name = "BusyError";
  readonly code = "ERR_BUSY";
}

export type DisconnectedCode =
  | "ERR_CONNECTION_REFUSED"
  | "ERR_CONNECTION_RESET"
  | "ERR_CONNECTION_LOST"
  | "ERR_TRUNCATED"
  | "ERR_SESSION_EXPIRED"
  | "ERR_SESSION_LOST"
  | "ERR_STREAM_ABORTED"
  | "ERR_HOST_NOT_FOUND"
  | "ERR_NAME_SERVICE"
  | "ERR_UNREACHABLE"
  | "ERR_NO_SUCH_SOCKET"
  | "ERR_DESCRIPTORS"
  | "ERR_NO_BUFFERS";

/** The peer or the network ended it, or it never came up. */
export class DisconnectedError extends SocketError {
  static override readonly name = "DisconnectedError";
  readonly code: DisconnectedCode;

  constructor(code: DisconnectedCode, reason: string, context: ErrorContext = {}) {
    super(reason, context);
    this.code = code;
  }
}

/** A deadline passed. */
export class TimeoutError extends SocketError {
  static override readonly name = "TimeoutError";
  readonly code = "ERR_TIMEOUT";
  readonly timeoutMs: number;

  constructor(timeoutMs: number, reason: string, context: ErrorContext = {}) {
    super(reason, context);
    this.timeoutMs = timeoutMs;
  }
}

export type ProtocolCode =
  | "ERR_INVALID_BYTES"
  | "ERR_TRUNCATED"
  | "ERR_INVALID_MESSAGE"
  | "ERR_CLEAR_TEXT"
  | "ERR_VERSION"
  | "ERR_PROOF"
  | "ERR_CHANGED";

/** Bytes, or a message, that the framing, encoding or schema forbids. */
export class ProtocolError extends SocketError {
  static override readonly name = "ProtocolError";
  readonly code: ProtocolCode;
  /** Who is to blame: the peer that sent it, or the caller that tried to. */
  readonly by: "local" | "remote";

  constructor(code: ProtocolCode, by: "local" | "remote", reason: string, context: ErrorContext = {}) {
    super(reason, context);
    this.code = code;
    this.by = by;
  }
}

/** A bound was met; `limit` is the option that moves it. */
export class LimitError extends SocketError {
  static override readonly name = "LimitError";
  readonly code = "ERR_LIMIT";
  /** The option to change, exactly as in `limits`. */
  readonly limit: LimitName;

  constructor(limit: LimitName, actual: number | "more", allowed: number, context: ErrorContext = {}) {
    super(`${limit} is ${allowed}, got ${actual}`, context);
    this.limit = limit;
  }
}

/** A peer that understood us said no. */
export class RefusedError extends SocketError {
  static override readonly name = "RefusedError";
  readonly code = "ERR_REFUSED";
}

export type CertificateCode =
  | "ERR_CERTIFICATE_EXPIRED"
  | "ERR_CERTIFICATE_NOT_YET_VALID"
  | "ERR_CERTIFICATE_NAME"
  | "ERR_CERTIFICATE_UNTRUSTED"
  | "ERR_CERTIFICATE_REVOKED"
  | "ERR_CERTIFICATE_MISSING"
  | "ERR_CERTIFICATE_INVALID";

/** We said no to what the peer showed of itself in TLS. To the peer that is a `RefusedError`. */
export class CertificateError extends SocketError {
  readonly code: CertificateCode;

  constructor(code: CertificateCode, reason: string, context: ErrorContext = {}) {
    super(reason, context);
    this.code = code;
  }
}

export type UsageCode =
  | "ERR_USAGE"
  | "ERR_ENDPOINT"
  | "ERR_ADDRESS_IN_USE"
  | "ERR_ADDRESS_NOT_AVAILABLE"
  | "ERR_PERMISSION";

/** The call itself cannot work: a bad endpoint or option, or an address that this process may not have. */
export class UsageError extends SocketError {
  static override readonly name = "UsageError";
  readonly code: UsageCode;

  constructor(reason: string, context: ErrorContext = {}, code: UsageCode = "ERR_USAGE") {
    super(reason, context);
    this.code = code;
  }
}
