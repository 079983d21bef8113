// Wakes that a test rings when it likes.

import type { Wakes } from "../../src/core/clock.js";

export class Alarm {
  readonly #sleepers = new Set<() => void>();

  readonly wakes: Wakes = (onWake) => {
    this.#sleepers.add(onWake);
    return () => void this.#sleepers.delete(onWake);
  };

  /** How many want to be woken. */
  get sleepers(): number {
    return this.#sleepers.size;
  }

  ring(): void {
    for (const wake of [...this.#sleepers]) wake();
  }
}
