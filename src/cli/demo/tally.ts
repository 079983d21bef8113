// One direction of numbered messages, checked: what was sent, and what came of it.
// Invariant: sans-IO; a message is counted once as delivered, and every other sight of it as what it is. Memory grows
// with the messages that are missing, never with those that came.

export type Direction = "up" | "down";

/** What became of the messages of one direction, or of several. Times in milliseconds. */
export interface Score {
  readonly sent: number;
  /** Different messages that arrived. */
  readonly delivered: number;
  /** Passed over so far: a later one has arrived. */
  readonly missing: number;
  /** Deliveries of a message that had been delivered. */
  readonly twice: number;
  /** First deliveries behind a later message's. */
  readonly outOfOrder: number;
  /** Deliveries of something that was never sent. */
  readonly damaged: number;
  /** The longest time without a delivery. */
  readonly longestPauseMs: number;
}

export class Tally {
  #sent = 0;
  #delivered = 0;
  #twice = 0;
  #outOfOrder = 0;
  #damaged = 0;
  /** One above the highest that was delivered. */
  #next = 0;
  readonly #missing = new Set<number>();
  #lastAt: number;
  #longestPauseMs = 0;

  /** @param now Monotonic milliseconds, here and everywhere. */
  constructor(now: number) {
    this.#lastAt = now;
  }

  /** The next message is on its way. Returns its number: 0, 1, 2 and so on. */
  send(): number {
    this.#sent += 1;
    return this.#sent - 1;
  }

  /** A message has come; undefined is one that cannot be read. */
  receive(seq: number | undefined, now: number): void {
    this.#pass(now);
    if (seq === undefined || seq >= this.#sent) this.#damaged += 1;
    else if (seq >= this.#next) {
      for (let passed = this.#next; passed < seq; passed += 1) this.#missing.add(passed);
      this.#next = seq + 1;
      this.#delivered += 1;
    } else if (this.#missing.delete(seq)) {
      this.#outOfOrder += 1;
      this.#delivered += 1;
    } else this.#twice += 1;
  }

  /** Nothing was lost, unless something is still on its way. */
  get isComplete(): boolean {
    return this.#delivered === this.#sent;
  }

  score(now: number): Score {
    // A silence that still lasts counts, but only while something should come.
    const silenceMs = this.isComplete ? 0 : now - this.#lastAt;
    return {
      sent: this.#sent,
      delivered: this.#delivered,
      missing: this.#missing.size,
      twice: this.#twice,
      outOfOrder: this.#outOfOrder,
      damaged: this.#damaged,
      longestPauseMs: Math.max(this.#longestPauseMs, silenceMs),
    };
  }

  #pass(now: number): void {
    this.#longestPauseMs = Math.max(this.#longestPauseMs, now - this.#lastAt);
    this.#lastAt = now;
  }
}

/** Both directions as one. */
export function together(scores: readonly Score[]): Score {
  const sum = (name: keyof Score) => scores.reduce((total, score) => total + score[name], 0);
  return {
    sent: sum("sent"),
    delivered: sum("delivered"),
    missing: sum("missing"),
    twice: sum("twice"),
    outOfOrder: sum("outOfOrder"),
    damaged: sum("damaged"),
    longestPauseMs: Math.max(...scores.map(({ longestPauseMs }) => longestPauseMs)),
  };
}
