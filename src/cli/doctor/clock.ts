// The clock: whether ours is the peer's. Certificates and tokens are refused by a machine that lives in another hour.

import { formatMs } from "../report/units.js";
import type { Finding } from "./finding.js";
import type { Patient } from "./patient.js";

/** Tokens are often valid for minutes, and checked with no more grace than that. */
const apartMs = 30_000;

export async function checkClock({ endpoint, clock }: Patient): Promise<readonly Finding[]> {
  if (clock === undefined) {
    const isWebSocket = endpoint.scheme === "ws" || endpoint.scheme === "wss";
    const why = isWebSocket
      ? "the answer has no Date"
      : `${endpoint.scheme} says no time, as ws:// and wss:// do`;
    return [{ status: "skipped", layer: "system", says: `the clock: ${why}` }];
  }
  const { aheadMs, doubtMs } = clock;
  const apart = Math.max(0, Math.abs(aheadMs) - doubtMs);
  if (apart < apartMs) return [{ status: "ok", layer: "system", says: "our clock and the peer's agree" }];
  const says = `the peer's clock is ${formatMs(apart)} ${aheadMs > 0 ? "ahead of" : "behind"} ours`;
  const advice =
    "let both be set by NTP: certificates and tokens of one look expired, or not yet valid, to the other";
  return [{ status: "warning", layer: "system", says, advice }];
}
