// One line of a diagnosis: what was looked at, and what to do about it.

import { SocketError, UsageError } from "../../index.js";

/** From the bottom up: what fails below makes everything above it fail. */
export const layers = ["name", "network", "tls", "http", "session", "system"] as const;
export type Layer = (typeof layers)[number];

export interface Finding {
  /** `warning`: it works, and may not for others or not for long. `skipped`: it could not be looked at, and why. */
  readonly status: "ok" | "warning" | "failed" | "skipped";
  readonly layer: Layer;
  readonly says: string;
  /** What to do. */
  readonly advice?: string | undefined;
}

/** @throws `error` itself, if it is no answer of the network's: a mistake in our usage, or of ours. */
export function failure(layer: Layer, error: unknown, before = ""): Finding {
  const isUsage = error instanceof UsageError && ["ERR_USAGE", "ERR_ENDPOINT"].includes(error.code);
  if (!(error instanceof SocketError) || isUsage) throw error;
  return { status: "failed", layer, says: before + error.reason, advice: error.advice };
}

/** `warning  network  text; advice`. */
export function findingLine({ status, layer, says, advice }: Finding): string {
  return `${status.padEnd(7)}  ${layer.padEnd(7)}  ${advice === undefined ? says : `${says}; ${advice}`}`;
}

export function findingRecord(finding: Finding): string {
  return JSON.stringify({ event: "finding", ...finding });
}
