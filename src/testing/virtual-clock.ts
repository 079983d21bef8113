// Time that passes only when it is told to.
// Invariant: timers fire in the order of their times, and those of one time in the order in which they were set; `now`
// never runs backwards, and says each timer's own time while it fires, unless that time was jumped over.

import type { Clock, Timer } from "../core/clock.js";

interface SetTimer {
  readonly at: number;
  /** Counts all timers, so that those of one time have an order. */
  readonly order: number;
  readonly callback: () => void;
  /** Its place in the heap; -1 once it has fired or was cleared. */
  place: number;
}

/** As `systemClock`: 24 days. */
const delayMsMax = 2 ** 31 - 1;

export class VirtualClock implements Clock {
  #now = 0;
  #order = 0;
  /** A binary heap: each timer fires no later than the two at twice its place. */
  readonly #heap: SetTimer[] = [];

  now(): number {
    return this.#now;
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    // Not a number, or less than nothing, is now.
    const delay = delayMs > 0 ? Math.min(delayMs, delayMsMax) : 0;
    this.#order += 1;
    const timer = { at: this.#now + delay, order: this.#order, callback, place: this.#heap.length };
    this.#heap.push(timer);
    this.#rise(timer);
    return timer;
  }

  clearTimer(timer: Timer): void {
    const set = timer as SetTimer | undefined;
    if (set !== undefined && set.place >= 0) this.#remove(set);
  }

  /** Timers that are set and have not fired. */
  get pending(): number {
    return this.#heap.length;
  }

  /** When the next timer is due; undefined if none is set. */
  get nextAt(): number | undefined {
    return this.#heap[0]?.at;
  }

  /** Lets time pass until the next timer, which fires. False if none is set. */
  next(): boolean {
    const timer = this.#heap[0];
    if (timer === undefined) return false;
    this.#remove(timer);
    if (timer.at > this.#now) this.#now = timer.at;
    timer.callback();
    return true;
  }

  /** Lets time pass, and whatever is due with it, one after the other; what that makes ready comes after all of it. */
  advance(byMs: number): void {
    const until = this.#now + byMs;
    for (let at = this.nextAt; at !== undefined && at <= until; at = this.nextAt) this.next();
    this.#now = Math.max(this.#now, until);
  }

  /** It is later at once, as for a laptop that was asleep: timers of the time between fire late, in their order. */
  jump(byMs: number): void {
    this.#now += Math.max(0, byMs);
  }

  #remove(timer: SetTimer): void {
    const last = this.#heap.pop();
    if (last !== undefined && last !== timer) {
      this.#put(last, timer.place);
      this.#rise(last);
      this.#sink(last);
    }
    timer.place = -1;
  }

  #rise(timer: SetTimer): void {
    while (timer.place > 0) {
      const { place } = timer;
      const above = this.#heap[(place - 1) >> 1];
      if (above === undefined || !isBefore(timer, above)) return;
      this.#put(timer, above.place);
      this.#put(above, place);
    }
  }

  #sink(timer: SetTimer): void {
    for (;;) {
      const { place } = timer;
      const [left, right] = [this.#heap[2 * place + 1], this.#heap[2 * place + 2]];
      const below = left !== undefined && right !== undefined && isBefore(right, left) ? right : left;
      if (below === undefined || !isBefore(below, timer)) return;
      this.#put(timer, below.place);
      this.#put(below, place);
    }
  }

  #put(timer: SetTimer, place: number): void {
    timer.place = place;
    this.#heap[place] = timer;
  }
}

function isBefore(one: SetTimer, other: SetTimer): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
