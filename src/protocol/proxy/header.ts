// What a PROXY header says (HAProxy's proxy-protocol.txt): the words of its two versions.

import { ProtocolError } from "../../core/errors.js";

export interface ProxyHeader {
  /** What follows them is the client's. */
  readonly headerBytes: number;
  /**
   * Who the client is; `unix` for one at a Unix socket of the proxy's. Undefined: the proxy speaks for itself or does not
   * know (LOCAL, UNKNOWN, UNSPEC), so that the real address holds.
   */
  readonly source: ProxyAddress | "unix" | undefined;
}

export interface ProxyAddress {
  /** An IP address. */
  readonly host: string;
  readonly port: number;
}

/** Who connected, and where to. */
export interface ProxyRoute {
  readonly source: ProxyAddress;
  readonly destination: ProxyAddress;
}

export function noHeader(reason: string): ProtocolError {
  return new ProtocolError("ERR_INVALID_BYTES", "remote", `no PROXY header: ${reason}`);
}
