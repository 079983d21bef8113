// One way to find out how long an endpoint takes to answer.

import type { ConnectOptions } from "../../index.js";

export interface Answer {
  readonly ms: number;
  /** Who answered. */
  readonly from: string;
}

export interface Probe {
  /** One try. @throws SocketError for a loss. */
  try(): Promise<Answer>;
  /** Lets go of what it keeps between tries. */
  close(): void;
}

export type ProbeSettings = Pick<
  ConnectOptions,
  "timeoutMs" | "family" | "sourceAddress" | "tls" | "observer"
>;
