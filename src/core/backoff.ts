// How long to wait before the next attempt: full jitter, so that clients which failed together do not come back together.
// Source: Marc Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015).

import type { Random } from "./clock.js";

/** @param attempt 1 for the pause after the first attempt. */
export function backoffMs(attempt: number, baseMs: number, maxMs: number, random: Random): number {
  return random() * Math.min(maxMs, baseMs * 2 ** (attempt - 1));
}
