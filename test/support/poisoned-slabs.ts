// Memory for a session machine that gives away every mistake with it.
// Invariant: what was given back is overwritten at once and used again soon; nothing is given back twice.

import assert from "node:assert/strict";
import { headerBytes } from "../../src/protocol/session/frames.js";
import type { SlabSource } from "../../src/protocol/session/outbox.js";

export const poison = 0xee;

export class PoisonedSlabs implements SlabSource {
  readonly #random: () => number;
  readonly #largest: number;
  readonly #free: Uint8Array[] = [];
  readonly #taken = new Set<Uint8Array>();

  /** @param largest Of the sizes that it chooses; the smallest is a frame's header. */
  constructor(random: () => number = () => 0.99, largest = 4_096) {
    this.#random = random;
    this.#largest = largest;
  }

  /** Slabs that are in use. */
  get taken(): number {
    return this.#taken.size;
  }

  take(_expected: number): Uint8Array {
    const size = headerBytes + Math.floor(this.#random() * (this.#largest - headerBytes + 1));
    const slab = (this.#random() < 0.8 ? this.#free.pop() : undefined) ?? new Uint8Array(size).fill(poison);
    this.#taken.add(slab);
    return slab;
  }

  give(slab: Uint8Array): void {
    assert.ok(this.#taken.delete(slab), "a slab was given back twice, or never taken");
    slab.fill(poison);
    this.#free.push(slab);
  }
}
