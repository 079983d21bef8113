// What became of numbered messages in one direction.

import type { Score } from "./messages.js";

export class Tally {
  readonly #seen = new Set<number>();
  /** Taken by `send`. */
  sent = 0;
  doubled = 0;

  get arrived(): number {
    return this.#seen.size;
  }

  get score(): Score {
    const { sent, arrived, doubled } = this;
    return { sent, arrived, lost: sent - arrived, doubled };
  }

  came(number: number): void {
    if (this.#seen.has(number)) this.doubled += 1;
    this.#seen.add(number);
  }
}
