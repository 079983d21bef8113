// One link through the cutter: bytes carried both ways between two real connections, until it is told to fail.
// Invariant: what one side sent arrives at the other in order and without a gap, up to the moment at which the link
// fails; a held link says nothing to either side, and keeps what comes.

import type { Connection } from "../../connection/connection.js";

/**
 * How a link fails: `reset` at once for both · `close` an orderly end in mid-message · `half-open` nothing passes and
 * nobody is told, until it is reset much later · `zombie` the same, but what it held is delivered late, when the client
 * has long gone elsewhere, and then it is reset.
 */
export const cutKinds = ["reset", "close", "half-open", "zombie"] as const;
export type CutKind = (typeof cutKinds)[number];

export class Wire {
  readonly #near: Connection;
  readonly #far: Connection;
  /** Both connections have closed. */
  readonly gone: Promise<unknown>;
  #state: "carrying" | "ending" | "torn" | "held" | "healed" = "carrying";
  /** Read from one side, and not given to the other. */
  #heldBytes = 0;
  /** Where the next chunk is torn, as a part of its length; then both sides are closed. */
  #tearAt: number | undefined;
  /** From the near side to the far one, and back. */
  readonly #up = new Gate();
  readonly #down = new Gate();

  /** Carries at once. */
  constructor(near: Connection, far: Connection) {
    this.#near = near;
    this.#far = far;
    this.gone = Promise.all([near.closed, far.closed]);
    void this.#carry(near, far, this.#up);
    void this.#carry(far, near, this.#down);
  }

  /** Untouched so far. */
  get isCarrying(): boolean {
    return this.#state === "carrying";
  }

  /** What has come from either side and has not gone on to the other. */
  get heldBytes(): number {
    return this.#heldBytes + this.#near.stats.unreadBytes + this.#far.stats.unreadBytes;
  }

  /** Both sides see a reset, now. */
  reset(): void {
    this.#state = "ending";
    this.#near.abort("cut");
    this.#far.abort("cut");
    this.#open();
  }

  /** The next chunk is torn at this part of its length, and then both sides see an orderly end. */
  tearNext(at: number): void {
    this.#state = "torn";
    this.#tearAt = at;
  }

  /** An orderly end for both sides. */
  close(): void {
    this.#state = "torn";
    void this.#near.close();
    void this.#far.close();
  }

  /** Carries nothing from now on, not even an end; or only nothing to the near side. */
  hold(direction: "both" | "down" = "both"): void {
    this.#state = "held";
    this.#down.shut();
    if (direction === "both") this.#up.shut();
  }

  /** Carries again, beginning with what was held. */
  heal(): void {
    this.#state = "healed";
    this.#open();
  }

  #open(): void {
    this.#up.open();
    this.#down.open();
  }

  async #carry(from: Connection, to: Connection, gate: Gate): Promise<void> {
    try {
      for await (const chunk of from) {
        this.#heldBytes += chunk.length;
        await gate.opened;
        this.#heldBytes -= chunk.length;
        if (this.#tearAt === undefined) await to.send(chunk);
        else return await this.#tear(chunk, this.#tearAt, to);
      }
      await gate.opened;
      if (this.isCarrying) this.#state = "ending";
      await to.end();
    } catch {
      await gate.opened;
      // One side has broken, and so breaks the other; unless this link fails in a way of its own.
      if (this.#state === "carrying" || this.#state === "ending") this.reset();
    }
  }

  async #tear(chunk: Uint8Array, at: number, to: Connection): Promise<void> {
    const part = chunk.subarray(0, Math.floor(chunk.length * at));
    if (part.length > 0) await to.send(part);
    this.close();
  }
}

/** What passes here waits while it is shut. */
class Gate {
  opened: Promise<void> | undefined;
  #open: () => void = () => {};

  shut(): void {
    if (this.opened !== undefined) return;
    this.opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open();
    this.opened = undefined;
  }
}
