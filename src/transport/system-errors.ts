// The system's errors in our words: one table from its code to blame, stable code, reason and advice.
// Invariant: whatever comes in, a SocketError goes out, with the system's own error as its cause.

import type { DisconnectedCode, UsageCode } from "../core/errors.js";
import { DisconnectedError, type ErrorContext, SocketError, UsageError } from "../core/errors.js";

/**
 * `error` as a SocketError that says where it happened. Advice in `context` goes before the table's own, since
 * the caller knows more of what was tried; one that is a SocketError already stays as it is.
 */
export function systemError(error: unknown, context: ErrorContext): SocketError {
  if (error instanceof SocketError) return error;
  const code = systemCode(error);
  const known = code === undefined ? undefined : table.get(code);
  if (code === undefined || known === undefined) {
    const text = error instanceof Error ? error.message : String(error);
    return new DisconnectedError("ERR_CONNECTION_LOST", text, { cause: error, ...context });
  }
  const reason = `${known.reason} (${code})`;
  const where: ErrorContext = { cause: error, ...context, advice: context.advice ?? known.advice };
  return known.blame === "usage"
    ? new UsageError(reason, where, known.code)
    : new DisconnectedError(known.code, reason, where);
}

/** `ECONNREFUSED` and the like, if `error` carries one. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

type Known =
  | {
      readonly blame: "network";
      readonly code: DisconnectedCode;
      readonly reason: string;
      readonly advice?: string;
    }
  | { readonly blame: "usage"; readonly code: UsageCode; readonly reason: string; readonly advice?: string };

function network(code: DisconnectedCode, reason: string, advice?: string): Known {
  return { blame: "network", code, reason, ...(advice === undefined ? {} : { advice }) };
}

function usage(code: UsageCode, reason: string, advice?: string): Known {
  return { blame: "usage", code, reason, ...(advice === undefined ? {} : { advice }) };
}

const checkListens = "check that something listens there";
const checkRoute = "check the address, the route and the firewalls between";
const raiseDescriptors = "raise the limit (ulimit -n) or hold fewer connections";

/** errno(3) for the socket calls, getaddrinfo(3) for names. */
const table: ReadonlyMap<string, Known> = new Map([
  ["ECONNREFUSED", network("ERR_CONNECTION_REFUSED", "connection refused", checkListens)],
  ["ECONNRESET", network("ERR_CONNECTION_RESET", "the peer reset the connection")],
  // The reset came between two of our writes, so that the next one found the connection gone.
  ["EPIPE", network("ERR_CONNECTION_RESET", "the peer reads no more")],
  ["ECONNABORTED", network("ERR_CONNECTION_RESET", "the connection was aborted")],
  ["ENOTCONN", network("ERR_CONNECTION_LOST", "the connection is gone")],
  ["ETIMEDOUT", network("ERR_CONNECTION_LOST", "the peer does not answer", checkRoute)],
  ["EHOSTUNREACH", network("ERR_UNREACHABLE", "the host cannot be reached", checkRoute)],
  ["EHOSTDOWN", network("ERR_UNREACHABLE", "the host is down", checkRoute)],
  ["ENETUNREACH", network("ERR_UNREACHABLE", "the network cannot be reached", checkRoute)],
  ["ENETDOWN", network("ERR_UNREACHABLE", "the network is down", checkRoute)],
  // connect(2) says so of a blackhole route, and of a link-local address without its zone.
  ["EINVAL", network("ERR_UNREACHABLE", "the system knows no way to this address", checkRoute)],
  ["ENOTFOUND", network("ERR_HOST_NOT_FOUND", "there is no such host", "check the spelling of the name")],
  ["EAI_AGAIN", network("ERR_NAME_SERVICE", "the name service does not answer", "check DNS and try again")],
  ["EAI_FAIL", network("ERR_NAME_SERVICE", "the name service failed", "check DNS")],
  ["ENOENT", network("ERR_NO_SUCH_SOCKET", "there is no such socket", checkListens)],
  ["ENOTDIR", network("ERR_NO_SUCH_SOCKET", "part of the path is no directory", "check the path")],
  ["ENOTSOCK", network("ERR_NO_SUCH_SOCKET", "what is there is no socket", "check the path")],
  ["EMFILE", network("ERR_DESCRIPTORS", "this process has no descriptor left", raiseDescriptors)],
  ["ENFILE", network("ERR_DESCRIPTORS", "the system has no descriptor left", raiseDescriptors)],
  ["ENOBUFS", network("ERR_NO_BUFFERS", "the system's send buffers are full", "send more slowly")],
  ["ENOMEM", network("ERR_NO_BUFFERS", "the system has no memory for it", "send more slowly")],
  [
    "EADDRINUSE",
    usage("ERR_ADDRESS_IN_USE", "the address is in use", "choose another, or 0 for a free port"),
  ],
  [
    "EADDRNOTAVAIL",
    usage("ERR_ADDRESS_NOT_AVAILABLE", "this machine does not have the address", "use one of its own"),
  ],
  ["ENODEV", usage("ERR_ADDRESS_NOT_AVAILABLE", "there is no such network interface")],
  ["EAFNOSUPPORT", usage("ERR_ADDRESS_NOT_AVAILABLE", "the system or the socket lacks this address family")],
  [
    "EACCES",
    usage("ERR_PERMISSION", "permission denied", "choose a port above 1023, or check whose path it is"),
  ],
  ["EROFS", usage("ERR_PERMISSION", "the file system cannot be written to", "choose another path")],
  ["EPERM", usage("ERR_PERMISSION", "not permitted", "check the firewall and this process's rights")],
  ["EMSGSIZE", usage("ERR_USAGE", "the message is too large for one datagram", "send it as several")],
  ["ENAMETOOLONG", usage("ERR_ENDPOINT", "the path is too long", "choose a shorter one")],
]);
