// What a session says of itself, and who wants to know when it changes.
// Invariant: whoever follows sees the newest state, and never a queue of old ones.

export interface SessionState {
  /**
   * `resuming`: there is no link just now, and everything goes on as soon as there is. `draining`: the other side is
   * about to close.
   */
  readonly name: "open" | "resuming" | "draining" | "closed";
  readonly why?: string | undefined;
  /** `resuming`: how long so far. */
  readonly downMs?: number | undefined;
}

export class StateBoard {
  readonly #read: () => SessionState;
  #version = 0;
  #waiting: (() => void)[] = [];

  constructor(read: () => SessionState) {
    this.#read = read;
  }

  /** It is another one now. */
  change(): void {
    this.#version += 1;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** The state now, and then each time it has changed; ends behind `closed`. */
  async *follow(): AsyncGenerator<SessionState, void> {
    for (;;) {
      const seen = this.#version;
      const state = this.#read();
      yield state;
      if (state.name === "closed") return;
      if (seen === this.#version) await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    }
  }
}
