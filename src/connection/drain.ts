// A drain with a deadline that later calls may bring forward.
// Invariant: it runs once, however often it is asked for; the earliest deadline holds.

import type { Clock, Timer } from "../core/clock.js";

export class Drain {
  readonly #clock: Clock;
  #running: Promise<unknown> | undefined;
  #deadline: { readonly at: number; readonly timer: Timer } | undefined;
  #cut: () => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param work Is given a promise that resolves at the deadline. */
  run<Result>(delayMs: number, work: (deadline: Promise<void>) => Promise<Result>): Promise<Result> {
    this.#running ??= this.#run(work);
    const at = this.#clock.now() + delayMs;
    if (this.#deadline === undefined || this.#deadline.at > at) {
      this.#clock.clearTimer(this.#deadline?.timer);
      this.#deadline = { at, timer: this.#clock.setTimer(() => this.#cut(), delayMs) };
    }
    return this.#running as Promise<Result>;
  }

  async #run<Result>(work: (deadline: Promise<void>) => Promise<Result>): Promise<Result> {
    const deadline = new Promise<void>((resolve) => {
      this.#cut = resolve;
    });
    try {
      return await work(deadline);
    } finally {
      this.#clock.clearTimer(this.#deadline?.timer);
      this.#deadline = { at: Number.NEGATIVE_INFINITY, timer: undefined };
    }
  }
}
