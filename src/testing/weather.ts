// Faults by chance: what happens to cables in bad weather, at random times and of every kind.
// Invariant: what it does follows from the world's seed; once it is calm, nothing is held and no fault follows.

import type { Random, Timer } from "../core/clock.js";
import type { Cable, CableEnd } from "../transport/memory/cable.js";
import type { Cables } from "../transport/memory/cables.js";
import { pick } from "./cuts.js";
import type { VirtualClock } from "./virtual-clock.js";

/** What can happen. `cut`s end a connection for at least one side, the others only delay. */
export const faultNames = [
  /** Both ends are reset. */
  "reset",
  /** The peer sees a clean end in the middle of a message. */
  "end",
  /** One end breaks, and the other hears of it. */
  "kill",
  /** What one end sends is held for a while. */
  "stall",
  /** What both send is held for a while, or for very long: a half-open link. */
  "half-open",
  /** The same, and one end breaks meanwhile: when it heals, old bytes reach an end that may still be open. */
  "zombie",
  /** Dials are refused for a while. */
  "refuse",
  /** Dials are not answered for a while. */
  "lose-dials",
  /** The clock jumps, as after a sleep. */
  "jump",
] as const;

export type FaultName = (typeof faultNames)[number];

export interface WeatherOptions {
  /** The mean time between two faults. Default 10 s. */
  readonly everyMs?: number | undefined;
  /** The mean time that what is held stays held, and dials fail. Default 5 s. */
  readonly lastsMs?: number | undefined;
  /** Which faults, each as likely as it is often in the list. Default: each once. */
  readonly faults?: readonly FaultName[] | undefined;
}

export class Weather {
  /** How often each fault has happened to a cable, dials or the clock. */
  readonly counts: { [fault in FaultName]: number };
  readonly #cables: Cables;
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #everyMs: number;
  readonly #lastsMs: number;
  readonly #faults: readonly FaultName[];
  readonly #timers = new Set<Timer>();

  /** Not for users: `world.weather` makes it. */
  constructor(cables: Cables, clock: VirtualClock, random: Random, options: WeatherOptions) {
    const { everyMs = 10_000, lastsMs = 5_000, faults = faultNames } = options;
    this.#cables = cables;
    this.#clock = clock;
    this.#random = random;
    this.#everyMs = everyMs;
    this.#lastsMs = lastsMs;
    this.#faults = faults;
    this.counts = Object.fromEntries(faultNames.map((name) => [name, 0])) as Weather["counts"];
    this.#next();
  }

  /** How often a connection was cut for at least one of its ends. */
  get cuts(): number {
    const { reset, end, kill, zombie } = this.counts;
    return reset + end + kill + zombie;
  }

  /** No more faults; what is held goes on its way, and dials are answered. */
  calm(): void {
    for (const timer of this.#timers) this.#clock.clearTimer(timer);
    this.#timers.clear();
    this.#cables.calm();
  }

  #next(): void {
    this.#after(this.#everyMs, () => {
      this.#strike();
      this.#next();
    });
  }

  #strike(): void {
    const fault = pick(this.#random, this.#faults);
    if (fault === undefined) return;
    if (fault === "jump") this.#clock.jump(this.#time(this.#lastsMs));
    else if (fault === "refuse" || fault === "lose-dials") {
      this.#cables.dials(fault === "refuse" ? "refused" : "lost");
      this.#after(this.#lastsMs, () => this.#cables.dials("answered"));
    } else {
      const cable = this.#cables.any(this.#random);
      if (cable === undefined) return;
      this.#break(cable, fault);
    }
    this.counts[fault] += 1;
  }

  #break(cable: Cable, fault: FaultName): void {
    const end: CableEnd = this.#random() < 0.5 ? "dialer" : "accepted";
    if (fault === "reset") cable.reset();
    else if (fault === "end") cable.end(this.#random() < 0.5 ? end : undefined);
    else if (fault === "kill") cable.kill(end);
    else {
      cable.hold(fault === "stall" ? end : undefined);
      if (fault === "zombie") cable.kill(end);
      // Now and then long enough that everybody has given it up meanwhile.
      const lastsMs = this.#random() < 0.2 ? this.#lastsMs * 10 : this.#lastsMs;
      this.#after(lastsMs, () => cable.heal());
    }
  }

  #after(meanMs: number, then: () => void): void {
    const timer = this.#clock.setTimer(() => {
      this.#timers.delete(timer);
      then();
    }, this.#time(meanMs));
    this.#timers.add(timer);
  }

  /** Exponential: whatever has happened before, the next may come at once or much later. */
  #time(meanMs: number): number {
    return -Math.log(1 - this.#random()) * meanMs;
  }
}
