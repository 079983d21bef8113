// The refusals of one listener, told in sums.
// Invariant: each is told, soon, and at most once a second, so that a flood does not become a flood of logs.

import type { Clock, Timer } from "../core/clock.js";

const tellEveryMs = 1_000;

export class Refusals {
  readonly #clock: Clock;
  readonly #tell: (reason: string, count: number) => void;
  #untold = 0;
  #reason = "";
  /** Set while those that come are summed up. */
  #timer: Timer | undefined;

  /** @param tell Gets the newest reason and how many there were since the last call. */
  constructor(clock: Clock, tell: (reason: string, count: number) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  add(reason: string): void {
    this.#untold += 1;
    this.#reason = reason;
    if (this.#timer === undefined) this.#flush();
  }

  /** Tells what is left. */
  close(): void {
    this.#clock.clearTimer(this.#timer);
    this.#timer = undefined;
    if (this.#untold > 0) this.#tell(this.#reason, this.#take());
  }

  #flush(): void {
    this.#timer = undefined;
    if (this.#untold === 0) return;
    this.#timer = this.#clock.setTimer(() => this.#flush(), tellEveryMs);
    this.#tell(this.#reason, this.#take());
  }

  #take(): number {
    const count = this.#untold;
    this.#untold = 0;
    return count;
  }
}
