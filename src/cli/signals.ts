// Ctrl-C and SIGTERM. By default the command stops at once, with the exit code that shells know (128 + the signal).
// Invariant: what was registered to be undone (children, terminal lines, socket files) is undone before the process exits.

export type SignalName = "SIGINT" | "SIGTERM";

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const satisfies Record<SignalName, number>;

/** A signal again within this time is the same one, sent twice: npm forwards what the terminal sends anyway. */
const sameSignalMs = 1_000;

export class Signals {
  readonly #undo = new Set<() => unknown>();
  #drain: ((signal: SignalName) => void) | undefined;
  #isExiting = false;
  #first: { readonly signal: SignalName; readonly at: number } | undefined;

  /** Begins to listen. */
  constructor() {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => this.#receive(signal));
  }

  /**
   * Runs `undo` before a signal ends the process, which waits for the promise if it returns one; a second signal does not.
   * @returns What takes it back.
   */
  beforeExit(undo: () => unknown): () => void {
    this.#undo.add(undo);
    return () => this.#undo.delete(undo);
  }

  /** Never resolves while a signal ends the process: a command that fails of its own undoing has no more to say. */
  async unlessExiting(): Promise<void> {
    if (this.#isExiting) await new Promise(() => {});
  }

  /** From now on the first signal calls `drain` instead of exiting; a later one exits. */
  drainOnFirst(drain: (signal: SignalName) => void): void {
    this.#drain = drain;
  }

  #receive(signal: SignalName): void {
    const at = performance.now();
    if (this.#drain !== undefined && this.#first === undefined) {
      this.#first = { signal, at };
      this.#drain(signal);
      return;
    }
    if (this.#first?.signal === signal && at - this.#first.at < sameSignalMs) return;
    const undo = this.#isExiting ? [] : [...this.#undo];
    this.#isExiting = true;
    const exit = () => process.exit(exitCodes[signal]);
    const undoing = undo.map((step) => step());
    if (undoing.some((step) => step instanceof Promise)) void Promise.allSettled(undoing).then(exit);
    else exit();
  }
}
