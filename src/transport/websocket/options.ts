// What a user may say about WebSockets (RFC 6455).

import { type ErrorContext, UsageError } from "../../core/errors.js";

export interface WebSocketOptions {
  /** Subprotocols: what dials asks for, best first; what listens speaks. */
  readonly subprotocols?: readonly string[] | undefined;
  /** What dials: headers of its request, `Authorization` and the like. Never secrets in the path. */
  readonly headers?: { readonly [name: string]: string } | undefined;
  /**
   * What listens: pages that may connect, by their origin (`https://app.example`), or `*` for all. Default: pages of this
   * very host. Programs that are no browsers say no origin, and are let in.
   */
  readonly origins?: readonly string[] | undefined;
}

/** Before the first peer finds out. @throws UsageError for lists that are none, or hold what nobody could mean. */
export function checkWebSocketOptions(
  { subprotocols, origins }: WebSocketOptions = {},
  context: ErrorContext,
): void {
  // RFC 6455 section 4.1: a token, and each once.
  const isName = (name: unknown) => typeof name === "string" && /^[\w!#$%&'*+.^`|~-]+$/.test(name);
  if (subprotocols !== undefined && !isListOf(subprotocols, isName)) {
    const advice = 'write a list of different names: ["chat.v2", "chat.v1"]';
    throw new UsageError("webSocket.subprotocols is no such list", { ...context, advice });
  }
  const isOrigin = (origin: unknown) => origin === "*" || URL.canParse(String(origin));
  if (origins !== undefined && !isListOf(origins, isOrigin)) {
    const advice = 'write a list of origins: ["https://app.example"], or ["*"] for all';
    throw new UsageError("webSocket.origins is no such list", { ...context, advice });
  }
}

function isListOf(list: unknown, isOne: (one: unknown) => boolean): boolean {
  return Array.isArray(list) && list.every(isOne) && new Set(list).size === list.length;
}
