// Time that stands still until a test moves it.
// Invariant: timers fire in the order of their times, and `now` says each one's own time while it fires.

import type { Clock, Timer } from "../../src/core/clock.js";

interface SetTimer {
  readonly at: number;
  readonly callback: () => void;
}

export class ManualClock implements Clock {
  #now = 0;
  readonly #timers = new Set<SetTimer>();

  now(): number {
    return this.#now;
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.add(timer);
    return timer;
  }

  clearTimer(timer: Timer): void {
    this.#timers.delete(timer as SetTimer);
  }

  /** Timers that are set and have not fired. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets time pass, and whatever is due with it. */
  advance(byMs: number): void {
    const until = this.#now + byMs;
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#now = next.at;
      this.#timers.delete(next);
      next.callback();
    }
    this.#now = until;
  }
}
