// Who may give orders about others: whoever knows the hub's admin code, which nobody may try for long.
// Invariant: how long a comparison takes says nothing of the code; after five wrong tries an address waits a minute.

import { createHash, timingSafeEqual } from "node:crypto";

import type { Clock } from "../core/clock.js";
import { UsageError } from "../core/errors.js";
import { limits } from "../core/limits.js";

const codeCharsMin = 16;
/** Addresses whose tries are remembered; beyond it the oldest is forgotten. */
const addressesMax = 1_024;

export class AdminGuard {
  readonly #code: Uint8Array | undefined;
  readonly #clock: Clock;
  /** In the order of their last wrong try. */
  readonly #wrong = new Map<string, { readonly tries: number; readonly at: number }>();

  /** @param code Without it nobody may. @throws UsageError for one that could be guessed. */
  constructor(code: string | undefined, clock: Clock) {
    if (code !== undefined && (typeof code !== "string" || code.length < codeCharsMin)) {
      throw new UsageError(`adminCode must have at least ${codeCharsMin} characters`, {
        op: "createHub",
        advice: "leave it out, or take a random one",
      });
    }
    this.#code = code === undefined ? undefined : digest(code);
    this.#clock = clock;
  }

  /** @returns undefined if the code is right; else what to say, and whether its stream should end. */
  refusal(given: string, address: string): { readonly reason: string; readonly isLast: boolean } | undefined {
    if (this.#code === undefined) return { reason: "this hub has no admin code", isLast: false };
    const { adminTriesMax, adminPauseMs } = limits;
    const now = this.#clock.now();
    const { tries, at } = this.#wrong.get(address) ?? { tries: 0, at: now };
    const before = now - at >= adminPauseMs ? 0 : tries;
    if (before >= adminTriesMax)
      return { reason: "too many wrong codes came from there; wait a minute", isLast: true };
    // Of digests, which are of one length whatever the code's is.
    if (timingSafeEqual(digest(given), this.#code)) {
      this.#wrong.delete(address);
      return undefined;
    }
    this.#wrong.delete(address);
    this.#wrong.set(address, { tries: before + 1, at: now });
    if (this.#wrong.size > addressesMax) {
      const [oldest = ""] = this.#wrong.keys();
      this.#wrong.delete(oldest);
    }
    return { reason: "that is not the hub's admin code", isLast: before + 1 >= adminTriesMax };
  }
}

function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
