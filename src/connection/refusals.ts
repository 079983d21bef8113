// The refusals of one listener, told in sums.
// Invariant: each is told, soon, and at most once a second, so that a flood does not become a flood of logs.

import type { Clock, Timer } from "../core/clock.js";
import type { SocketError } from "../core/errors.js";

export interface Refusal {
  readonly reason: string;
  readonly error?: SocketError;
}

const tellEveryMs = 1_000;

export class Refusals {
  readonly #clock: Clock;
  readonly #tell: (newest: Refusal, count: number) => void;
  #untold = 0;
  #newest: Refusal = { reason: "" };
  /** Set while those that come are summed up. */
  #timer: Timer | undefined;

  /** @param tell Gets the newest one and how many there were since the last call. */
  constructor(clock: Clock, tell: (newest: Refusal, count: number) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  add(refusal: Refusal): void {
    this.#untold += 1;
    this.#newest = refusal;
    if (this.#timer === undefined) this.#flush();
  }

  /** Tells what is left. */
  close(): void {
    this.#clock.clearTimer(this.#timer);
    this.#timer = undefined;
    if (this.#untold > 0) this.#tell(this.#newest, this.#take());
  }

  #flush(): void {
    this.#timer = undefined;
    if (this.#untold === 0) return;
    this.#timer = this.#clock.setTimer(() => this.#flush(), tellEveryMs);
    this.#tell(this.#newest, this.#take());
  }

  #take(): number {
    const count = this.#untold;
    this.#untold = 0;
    return count;
  }
}
