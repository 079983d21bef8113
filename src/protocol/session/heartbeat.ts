// Whether the other side is alive: any byte says so, and PING asks.
// Invariant: a link is never called dead because we ourselves were asleep: a check that comes late asks once more first.

export interface HeartbeatOptions {
  /** PING after so long without a byte in, or without one out. */
  readonly pingAfterMs: number;
  /** Dead after so long without a byte in. */
  readonly deadAfterMs: number;
  /** How long an answer may take once we have slept ourselves. */
  readonly probeMs: number;
}

export type Verdict = "alive" | "ping" | "dead";

/** Checks may come so late on a busy machine; what is later was a sleep. */
const latenessMs = 250;

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #heardAt: number;
  #spokeAt: number;
  #askedAt: number;
  /** When a probe under way fails. */
  #probeEndsAt = Number.POSITIVE_INFINITY;

  constructor(options: HeartbeatOptions, now: number) {
    this.#options = options;
    this.#heardAt = now;
    this.#spokeAt = now;
    this.#askedAt = now;
  }

  heard(now: number): void {
    this.#heardAt = now;
    this.#probeEndsAt = Number.POSITIVE_INFINITY;
  }

  spoke(now: number): void {
    this.#spokeAt = now;
  }

  /** When to check next. */
  get deadline(): number {
    return Math.min(this.#pingAt, this.#deadAt, this.#probeEndsAt);
  }

  /** Something makes us doubt our own clock or network: asks, and gives the other side a short time. */
  probe(now: number): Verdict {
    const { probeMs, deadAfterMs } = this.#options;
    // Not prolonged by a second doubt.
    this.#probeEndsAt = Math.min(this.#probeEndsAt, now + Math.min(probeMs, deadAfterMs / 4));
    this.#askedAt = now;
    return "ping";
  }

  check(now: number): Verdict {
    if (now >= this.#probeEndsAt) {
      return now - this.#probeEndsAt > latenessMs ? this.#probeAgain(now) : "dead";
    }
    if (this.#probeEndsAt === Number.POSITIVE_INFINITY) {
      if (now >= this.#deadAt) return now - this.#deadAt > latenessMs ? this.probe(now) : "dead";
    }
    if (now < this.#pingAt) return "alive";
    this.#askedAt = now;
    return "ping";
  }

  #probeAgain(now: number): Verdict {
    this.#probeEndsAt = Number.POSITIVE_INFINITY;
    return this.probe(now);
  }

  get #pingAt(): number {
    return Math.max(Math.min(this.#heardAt, this.#spokeAt), this.#askedAt) + this.#options.pingAfterMs;
  }

  get #deadAt(): number {
    return this.#probeEndsAt === Number.POSITIVE_INFINITY
      ? this.#heardAt + this.#options.deadAfterMs
      : Number.POSITIVE_INFINITY;
  }
}
