// A short name for all that has happened on a network, so that two runs can be compared.
// Invariant: two runs with one hash saw the same events at the same times, as surely as 64 bits can say.

import type { Clock } from "../../core/clock.js";

export class Trace {
  readonly #clock: Clock;
  // FNV-1a, twice, over words instead of bytes; the second with another start and a turned word.
  #low = 0x811c9dc5;
  #high = 0x9e3779b9;
  #events = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** 16 hexadecimal digits. */
  get hash(): string {
    return [this.#high, this.#low].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }

  get events(): number {
    return this.#events;
  }

  note(what: number, where: number, amount: number): void {
    this.#events += 1;
    const now = this.#clock.now();
    this.#add(now);
    // The parts of a millisecond too.
    this.#add((now % 1) * 2 ** 31);
    this.#add(what);
    this.#add(where);
    this.#add(amount);
  }

  #add(word: number): void {
    this.#low = Math.imul(this.#low ^ word, 0x01000193);
    this.#high = Math.imul(this.#high ^ ((word << 16) | (word >>> 16)), 0x01000193);
  }
}
