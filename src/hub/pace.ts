// How fast a room speaks: whoever floods it is read more slowly, so that those who listen keep up.
// Invariant: speakers who pause as they are told say no more, over any stretch of time, than `bytesPerSecond` allows, a
// quarter of a second's worth at once, and one message each. No I/O: time comes in, the pause to make is read out.

/** What may be said at once, as a share of a second's worth. */
const burstShare = 0.25;

/** What any message costs, whatever its size: it is read, judged and answered, even if with nothing. */
const messageBytes = 64;
/** What each copy costs, as a share of the message: so many members hear at once as to halve the room's pace. */
const copiesPerMessage = 16;

/** What a message costs in bytes: its own, and those of the work to hand it to that many members. */
export function costOf(bytes: number, copies: number): number {
  return (bytes + messageBytes) * (1 + copies / copiesPerMessage);
}

export class Pace {
  readonly #bytesPerSecond: number;
  readonly #burst: number;
  readonly #lowest: number;
  /** What may still be said; below zero, what was said too early. */
  #allowance: number;
  #at: number;

  /** @param owedMsMax Where many share one pace: no more is owed, so that a newcomer waits no longer for the others. */
  constructor(bytesPerSecond: number, now: number, owedMsMax: number = Number.POSITIVE_INFINITY) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#burst = bytesPerSecond * burstShare;
    this.#lowest = (-bytesPerSecond * owedMsMax) / 1_000;
    this.#allowance = this.#burst;
    this.#at = now;
  }

  /** Something of that cost was said. */
  charge(cost: number, now: number): void {
    this.#earn(now);
    this.#allowance = Math.max(this.#lowest, this.#allowance - cost);
  }

  /** How many milliseconds to wait before more is said. */
  owedMs(now: number): number {
    this.#earn(now);
    return this.#allowance >= 0 ? 0 : (-this.#allowance * 1_000) / this.#bytesPerSecond;
  }

  #earn(now: number): void {
    const earned = ((now - this.#at) * this.#bytesPerSecond) / 1_000;
    this.#allowance = Math.min(this.#burst, this.#allowance + earned);
    this.#at = now;
  }
}
