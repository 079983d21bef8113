// What a network in memory stands on: how a dial travels, and what joins two ends.
// Invariant: a wire never calls its streams inside their own calls, other than to set what their next turn tells.

import type { MemoryStream } from "./stream.js";

/** Runs `task` later, never at once; tasks run in the order in which they were given. */
export type Defer = (task: () => void) => void;

export interface Medium {
  /** Carries an attempt to the name. `arrive` is called once, or never if it is lost on the way. */
  dial(name: string, arrive: (refused: boolean) => void): void;
  /** Carries the answer back to who dialled. */
  answer(name: string, arrive: () => void): void;
  join(name: string, dialer: MemoryEnd, accepted: MemoryEnd): MemoryPair;
}

export interface MemoryPair {
  readonly dialer: MemoryStream;
  readonly accepted: MemoryStream;
}

/** What one end is called, and how much it takes at once. */
export interface MemoryEnd {
  readonly id: number;
  readonly local: string;
  readonly remote: string;
  readonly readBytesMax: number;
}

/** One direction of a stream. All but `consumed` is said by its sender. */
export abstract class Wire {
  /** Set by `joined`, before anybody calls anything. */
  from!: MemoryStream;
  to!: MemoryStream;

  /** The chunk is the sender's own memory: it may be read until `from.written` or `free`. */
  abstract write(chunk: Uint8Array): void;
  /** No more writes; what was handed over goes first. */
  abstract end(): void;
  /** The sender is gone, and its peer shall hear of a reset. */
  abstract reset(): void;
  /** The sender's end broke: what it had not sent is dropped. */
  abstract drop(): void;
  /** The sender is told of its end next: from here on its memory is its own. */
  abstract free(): void;
  /** The receiver has taken all of what `to.arrive` brought. */
  abstract consumed(): void;
}

/** Makes two wires the two directions of one pair. */
export function joined(pair: MemoryPair, there: Wire, back: Wire): MemoryPair {
  there.from = back.to = pair.dialer;
  there.to = back.from = pair.accepted;
  return pair;
}
