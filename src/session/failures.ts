// Handshakes that fail, counted per address, never per session: nobody can lock out another by failing in their name.
// Invariant: what is kept of strangers is bounded, however many addresses they come from.

import type { Clock } from "../core/clock.js";
import { hostOf } from "../core/endpoint.js";

/** So many at once, and so many a second, are answered; more are cut without a word. */
const burst = 64;
const perSecond = 8;
const addressesMax = 4_096;

export class Failures {
  readonly #clock: Clock;
  /** In the order of their last failure. */
  readonly #addresses = new Map<string, { readonly tokens: number; readonly at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one; false if this address fails too often to be answered. */
  count(address: string): boolean {
    const now = this.#clock.now();
    const { tokens, at } = this.#addresses.get(address) ?? { tokens: burst, at: now };
    const left = Math.min(burst, tokens + ((now - at) / 1_000) * perSecond) - 1;
    this.#addresses.delete(address);
    this.#addresses.set(address, { tokens: Math.max(left, -1), at: now });
    if (this.#addresses.size > addressesMax) {
      const [oldest = ""] = this.#addresses.keys();
      this.#addresses.delete(oldest);
    }
    return left >= 0;
  }
}

/** Whom failures and sessions count for: a host, whichever door it comes to; a peer that has none by its name. */
export function addressOf(remote: string): string {
  return hostOf(remote) ?? remote;
}
