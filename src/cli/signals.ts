// Ctrl-C and SIGTERM. By default the command stops at once, with the exit code that shells know (128 + the signal).
// Invariant: what was registered to be undone (children, terminal lines, socket files) is undone before the process exits.

export type SignalName = "SIGINT" | "SIGTERM";

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const satisfies Record<SignalName, number>;

/** A signal again within this time is the same one, sent twice: npm forwards what the terminal sends anyway. */
const sameSignalMs = 1_000;

export class Signals {
  readonly #undo = new Set<() => void>();
  #drain: ((signal: SignalName) => void) | undefined;
  #first: { readonly signal: SignalName; readonly at: number } | undefined;

  /** Begins to listen. */
  constructor() {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => this.#receive(signal));
  }

  /** Runs `undo` before a signal ends the process. What it returns takes it back. */
  beforeExit(undo: () => void): () => void {
    this.#undo.add(undo);
    return () => this.#undo.delete(undo);
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
    for (const undo of this.#undo) undo();
    process.exit(exitCodes[signal]);
  }
}
