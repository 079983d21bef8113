// The sessions of a server: by id, and those that have no link just now.
// Invariant: a session without a link is kept for its time and no longer; and what peers can make us keep is bounded,
// at the cost of whoever keeps most.

import type { Clock, Timer } from "../core/clock.js";
import type { ResumeKey } from "../protocol/session/handshake-bodies.js";

export interface Kept {
  readonly key: ResumeKey;
  /** Where its last link came from: a host, without its port. */
  address: string;
}

export class Registry<Entry extends Kept> {
  readonly #clock: Clock;
  readonly #detachedMax: number;
  readonly #entries = new Map<string, Entry>();
  /** In the order in which they lost their links. */
  readonly #detached = new Map<Entry, Timer>();
  readonly #detachedFrom = new Map<string, Set<Entry>>();

  constructor(clock: Clock, detachedMax: number) {
    this.#clock = clock;
    this.#detachedMax = detachedMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  get detachedSize(): number {
    return this.#detached.size;
  }

  [Symbol.iterator](): Iterator<Entry> {
    return this.#entries.values();
  }

  find(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  add(entry: Entry): void {
    this.#entries.set(entry.key.id, entry);
  }

  /** It has a link again. */
  attached(entry: Entry): void {
    this.#clock.clearTimer(this.#detached.get(entry));
    if (!this.#detached.delete(entry)) return;
    const neighbours = this.#detachedFrom.get(entry.address);
    neighbours?.delete(entry);
    if (neighbours?.size === 0) this.#detachedFrom.delete(entry.address);
  }

  /**
   * It has lost its link.
   * @param keepMs How long it is kept; then `onExpired`.
   * @returns the one that must go for its sake, if one must: the oldest of the address that has most.
   */
  detached(entry: Entry, keepMs: number, onExpired: () => void): Entry | undefined {
    this.attached(entry);
    this.#detached.set(entry, this.#clock.setTimer(onExpired, keepMs));
    const neighbours = this.#detachedFrom.get(entry.address) ?? new Set();
    this.#detachedFrom.set(entry.address, neighbours.add(entry));
    return this.#detached.size > this.#detachedMax ? this.#oldestOfMost() : undefined;
  }

  remove(entry: Entry): void {
    this.attached(entry);
    this.#entries.delete(entry.key.id);
  }

  #oldestOfMost(): Entry | undefined {
    let most: Set<Entry> | undefined;
    for (const neighbours of this.#detachedFrom.values()) {
      if (most === undefined || neighbours.size > most.size) most = neighbours;
    }
    return most?.values().next().value;
  }
}
