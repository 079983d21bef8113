// The medium of a simulated network: a cable for each stream, which is slow and which can break.
// Invariant: all that happens follows from the clock, from chance and from what was called, and is in the trace.

import type { Clock, Random } from "../../core/clock.js";
import { Cable } from "./cable.js";
import { type Conditions, latency, type Surroundings, surroundingsOf } from "./conditions.js";
import { happened } from "./lane.js";
import type { Medium, MemoryEnd, MemoryPair } from "./medium.js";
import { Trace } from "./trace.js";

/** What becomes of a dial: it arrives, it is refused, or nothing is ever heard of it. */
export type DialOutcome = "answered" | "refused" | "lost";

/** The cables of a network: `for (const cable of cables)` gives each whose ends have not both gone. */
export class Cables implements Medium, Iterable<Cable> {
  readonly trace: Trace;
  readonly #around: Surroundings;
  readonly #cables: Cable[] = [];
  readonly #outcomes = new Map<string, DialOutcome>();
  #joined = 0;

  constructor(clock: Clock, random: Random, conditions: Conditions = {}) {
    this.trace = new Trace(clock);
    const note = (what: number, cable: number, amount: number) => this.trace.note(what, cable, amount);
    this.#around = surroundingsOf(conditions, { clock, random, note });
  }

  /** How many there are now. */
  get size(): number {
    return this.#cables.length;
  }

  /** How many there have been. */
  get joined(): number {
    return this.#joined;
  }

  /** Those there are at the moment of the call, in the order in which they were joined. */
  [Symbol.iterator](): IterableIterator<Cable> {
    return [...this.#cables].values();
  }

  /** One of those there are now, by chance; undefined if there is none. */
  any(random: Random): Cable | undefined {
    return this.#cables[Math.floor(random() * this.#cables.length)];
  }

  /** What becomes of dials from now on: those to this endpoint, or all that nothing else was said of. */
  dials(outcome: DialOutcome, endpoint?: string): void {
    this.trace.note(happened.fault, 0, outcome.length);
    this.#outcomes.set(endpoint ?? "", outcome);
  }

  /** Heals every cable, and lets every dial through. */
  calm(): void {
    this.#outcomes.clear();
    for (const cable of this) cable.heal();
  }

  // What the network calls.

  dial(name: string, arrive: (refused: boolean) => void): void {
    this.#travel(happened.dialled, () => {
      const outcome = this.#outcomeOf(name);
      if (outcome !== "lost") arrive(outcome === "refused");
    });
  }

  answer(name: string, arrive: () => void): void {
    this.#travel(happened.answered, () => {
      if (this.#outcomeOf(name) !== "lost") arrive();
    });
  }

  join(_name: string, dialer: MemoryEnd, accepted: MemoryEnd): MemoryPair {
    this.#joined += 1;
    const cable = new Cable(this.#joined, this.#around, dialer, accepted, (gone) => {
      this.#cables.splice(this.#cables.indexOf(gone), 1);
    });
    this.#cables.push(cable);
    return cable.pair;
  }

  #travel(what: number, arrive: () => void): void {
    this.#around.clock.setTimer(() => {
      this.trace.note(what, 0, 0);
      arrive();
    }, latency(this.#around));
  }

  #outcomeOf(name: string): DialOutcome {
    return this.#outcomes.get(`memory:${name}`) ?? this.#outcomes.get("") ?? "answered";
  }
}
