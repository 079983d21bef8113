// How a client's session gets its next link: at once, then after pauses of full jitter, until it expires.
// Invariant: one attempt at a time; and a link that comes to nothing counts as an attempt that failed, so nothing is
// dialled in a circle without a pause.

import { backoffMs } from "../core/backoff.js";
import type { Clock, Random, Wakes } from "../core/clock.js";
import { pause } from "../core/deadline.js";
import { DisconnectedError, ProtocolError, type SocketError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import type { ResumeKey } from "../protocol/session/handshake-bodies.js";
import type { SessionCore } from "./core.js";
import { type DialPlan, dialLink } from "./dial.js";

export interface RedialOptions {
  readonly plan: DialPlan;
  readonly key: ResumeKey;
  /** How long the server keeps the session without a link. */
  readonly ttlMs: number;
  readonly baseMs: number;
  readonly maxMs: number;
  readonly random: Random;
  readonly clock: Clock;
  /** End a pause early, unless the server has asked for it. */
  readonly wakes: Wakes | undefined;
}

/** What it does for: whatever its messages are. */
type Target = Pick<
  SessionCore<unknown, unknown>,
  "over" | "pump" | "attach" | "end" | "endCleanly" | "attemptFailed"
>;

/** A link that is torn as soon as it is there is replaced at once so often; then a server is spared. */
const shortLinksMax = 32;

export class Redialer {
  readonly #options: RedialOptions;
  readonly #core: Target;
  /** Attempts that failed, and links that came to nothing, in a row. */
  #failures = 0;
  /** Links in a row that ended at once. */
  #shortLinks = 0;
  #stop: AbortController | undefined;
  /** When the last link came, and what it found. */
  #attachedAt = 0;
  #progressAt = 0;

  constructor(core: Target, options: RedialOptions) {
    this.#core = core;
    this.#options = options;
    this.#attached();
  }

  /** There is none any more. */
  async lost(): Promise<void> {
    const { clock, ttlMs, baseMs, maxMs } = this.#options;
    const isDone = this.#core.over !== undefined;
    if (isDone && !this.#core.pump.machine.isDone) return;
    const livedMs = clock.now() - this.#attachedAt;
    const hasMoved = this.#progress > this.#progressAt;
    this.#shortLinks = livedMs < baseMs ? this.#shortLinks + 1 : 0;
    if (livedMs >= maxMs || (hasMoved && this.#shortLinks <= shortLinksMax)) this.#failures = 0;
    // Too many that ended at once, though something moved over each: not without a first pause.
    else this.#failures = hasMoved ? 1 : this.#failures + 1;
    const stop = new AbortController();
    this.#stop = stop;
    const timer = clock.setTimer(() => stop.abort(), isDone ? Math.min(ttlMs, limits.doneMs) : ttlMs);
    try {
      await this.#dialUntilAttached(stop.signal);
    } catch (error) {
      if (!stop.signal.aborted) throw error;
      this.#expire(ttlMs);
    } finally {
      clock.clearTimer(timer);
    }
  }

  /** No link is wanted any more. */
  stop(): void {
    this.#stop?.abort();
  }

  async #dialUntilAttached(stop: AbortSignal): Promise<void> {
    const { clock, baseMs, maxMs, random, plan, key, wakes } = this.#options;
    let notBeforeMs = 0;
    for (;;) {
      const jitterMs = this.#failures === 0 ? 0 : backoffMs(this.#failures, baseMs, maxMs, random);
      await pause(clock, notBeforeMs + jitterMs, stop, notBeforeMs === 0 ? wakes : undefined);
      notBeforeMs = 0;
      try {
        const rejected = await dialLink(
          plan,
          () => ({ resume: { key, received: this.#core.pump.machine.received } }),
          (link, accepted) => {
            if (accepted.kind !== "resumed") return;
            this.#attached();
            this.#core.attach(link, accepted.received, accepted.rest);
          },
          stop,
        );
        if (rejected === undefined) return;
        if (rejected.code !== "busy") return this.#refused(rejected.code, rejected.reason);
        notBeforeMs = rejected.retryAfterMs;
      } catch (error) {
        if (stop.aborted) throw error;
        if (error instanceof ProtocolError && error.code === "ERR_CHANGED") {
          return this.#refused("changed", error.reason);
        }
        this.#core.attemptFailed(error as SocketError);
      }
      this.#failures += 1;
    }
  }

  #attached(): void {
    this.#attachedAt = this.#options.clock.now();
    this.#progressAt = this.#progress;
  }

  /** Frames received and acknowledged: what makes a link worth while. */
  get #progress(): number {
    const { received, acknowledged } = this.#core.pump.machine;
    return received + acknowledged;
  }

  #refused(code: string, reason: string): void {
    if (this.#core.pump.machine.isCleanIfGone) {
      this.#core.endCleanly();
      return;
    }
    const why = code === "unknown" ? "the server does not know the session any more" : `refused: ${reason}`;
    const error = new DisconnectedError("ERR_SESSION_LOST", why, { endpoint: this.#options.plan.endpoint });
    // Never the server's own word: `closed` would be an end in order, and nobody has proven anything.
    this.#core.end({ by: "remote", code: "lost", reason: why }, error);
  }

  #expire(ttlMs: number): void {
    if (this.#core.pump.machine.isCleanIfGone) {
      this.#core.endCleanly();
      return;
    }
    const reason = `expired: no link for ${ttlMs} ms`;
    const error = new DisconnectedError("ERR_SESSION_EXPIRED", reason, {
      endpoint: this.#options.plan.endpoint,
    });
    this.#core.end({ by: "network", code: "expired", reason }, error);
  }
}
