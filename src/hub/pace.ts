// How fast a room speaks: whoever floods it is read more slowly, so that those who listen keep up.
// Invariant: over any stretch of time no more is said than `bytesPerSecond` allows, a quarter of a second's worth at
// once, and one message per speaker. No I/O: time comes in, the pause to make is read out.

/** What may be said at once, as a share of a second's worth. */
const burstShare = 0.25;

export class Pace {
  readonly #bytesPerSecond: number;
  readonly #burst: number;
  /** What may still be said; below zero, what was said too early. */
  #allowance: number;
  #at: number;

  constructor(bytesPerSecond: number, now: number) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#burst = bytesPerSecond * burstShare;
    this.#allowance = this.#burst;
    this.#at = now;
  }

  /** `size` bytes were said. Returns how many milliseconds their speaker should wait before it says more. */
  said(size: number, now: number): number {
    const earned = ((now - this.#at) * this.#bytesPerSecond) / 1_000;
    this.#allowance = Math.min(this.#burst, this.#allowance + earned) - size;
    this.#at = now;
    return this.#allowance >= 0 ? 0 : (-this.#allowance * 1_000) / this.#bytesPerSecond;
  }
}
