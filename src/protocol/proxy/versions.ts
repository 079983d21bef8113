// The PROXY protocol: what a proxy says of its client before the client's own bytes, in either version.
// Invariant: a header is read whole or not at all, and what is not exactly one is an error as soon as that shows.

import { noHeader, type ProxyHeader, type ProxyRoute } from "./header.js";
import { readV1, writeV1 } from "./v1.js";
import { readV2, writeV2 } from "./v2.js";

export type ProxyVersion = 1 | 2;

/** The header that `bytes` begin with; undefined as long as it is not whole. @throws ProtocolError if it is none. */
export function readProxyHeader(bytes: Uint8Array): ProxyHeader | undefined {
  const [first] = bytes;
  if (first === undefined) return undefined;
  if (first === 0x50) return readV1(bytes);
  if (first === 0x0d) return readV2(bytes);
  throw noHeader("it begins like neither version");
}

/** @param route Undefined: we speak for ourselves (LOCAL), which version 1 can only call UNKNOWN. */
export function writeProxyHeader(version: ProxyVersion, route: ProxyRoute | undefined): Uint8Array {
  return version === 1 ? writeV1(route) : writeV2(route);
}
