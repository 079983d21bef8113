// What is examined, and what the checks have found out for those after them.

import type { Endpoint, TlsOptions } from "../../index.js";
import type { Finding } from "./finding.js";

export type WebSocketEndpoint = Extract<Endpoint, { readonly scheme: "ws" | "wss" }>;

export interface Patient {
  readonly endpoint: Endpoint;
  /** For everything that dials. */
  readonly settings: {
    readonly timeoutMs: number;
    readonly family?: 4 | 6;
    readonly tls?: TlsOptions;
  };
  readonly session: boolean;
  /** How long an idle connection is to be kept; 0: that is not tried. */
  readonly waitMs: number;
  readonly env: { readonly [name: string]: string | undefined };
  /** By name resolution: hosts as an endpoint has them. */
  addresses: readonly string[];
  /** By an HTTP answer: the peer's clock, less ours, in milliseconds; with what the way there may have added. */
  clock: { readonly aheadMs: number; readonly doubtMs: number } | undefined;
}

/** One thing that is looked at. It never fails: that is a finding. */
export type Check = (patient: Patient) => Promise<readonly Finding[]>;
