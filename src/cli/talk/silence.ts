// How long nothing has been said.

export class Silence {
  /** Resolves once it has lasted long enough. */
  readonly reached: Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #resolve: () => void = () => {};

  /** @param ms How long is long enough; undefined: it does not count before `begin`. */
  constructor(ms: number | undefined) {
    this.reached = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    if (ms !== undefined) this.begin(ms);
  }

  /** From now on so much is long enough. */
  begin(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#resolve, ms);
  }

  /** Something has been said. */
  broken(): void {
    this.#timer?.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
