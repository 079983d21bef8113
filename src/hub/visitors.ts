// All who visit a hub, whatever door they came through, and what they have moved.
// Invariant: what a visitor moved counts once, whether it is still here or has gone.

import type { Visitor } from "./visitor.js";

/** Since the hub began. */
export interface Moved {
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export class Visitors implements Iterable<Visitor> {
  readonly #here = new Set<Visitor>();
  #gone: Moved = { messagesIn: 0, messagesOut: 0, bytesIn: 0, bytesOut: 0 };

  add(visitor: Visitor): void {
    this.#here.add(visitor);
  }

  remove(visitor: Visitor): void {
    if (this.#here.delete(visitor)) this.#gone = sum(this.#gone, visitor);
  }

  [Symbol.iterator](): Iterator<Visitor> {
    return this.#here.values();
  }

  /** Of all, those that have gone included. */
  get moved(): Moved {
    let moved = this.#gone;
    for (const visitor of this.#here) moved = sum(moved, visitor);
    return moved;
  }
}

function sum(moved: Moved, { messagesIn, messagesOut, traffic }: Visitor): Moved {
  return {
    messagesIn: moved.messagesIn + messagesIn,
    messagesOut: moved.messagesOut + messagesOut,
    bytesIn: moved.bytesIn + traffic.bytesIn,
    bytesOut: moved.bytesOut + traffic.bytesOut,
  };
}
