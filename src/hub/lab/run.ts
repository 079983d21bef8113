// One run of an experiment: its clock, what it tells, and all that it has opened.
// Invariant: however it ends (done, aborted, out of time, nobody listening) everything that was kept is closed when
// `runExperiment` settles, last opened first; what is kept after that is closed at once.

import { setMaxListeners } from "node:events";

import { TimeoutError } from "../../core/errors.js";
import { limits } from "../../core/limits.js";
import type { LabEvent, LabEvents, LabName, LabWho } from "./messages.js";

/** Is given each event, in order; the next one waits for the promise if it returns one. */
export type Emit<Name extends LabName = LabName> = (event: LabEvent<Name>) => unknown;

export interface LabContext {
  /** Ends it at once; the run rejects with the signal's own reason. */
  readonly signal?: AbortSignal | undefined;
  /** Steps by hand, for `life`; it goes on until they end. Others leave them alone. */
  readonly steps?: AsyncIterable<unknown> | undefined;
}

/** What a run closes at its end, at once and without waiting for a peer. */
type Close = () => unknown;

export class Run<Name extends LabName> {
  readonly signal: AbortSignal;
  readonly #emit: Emit<Name>;
  readonly #beganAt: number = performance.now();
  #open: Close[] = [];
  #telling: Promise<unknown> = Promise.resolve();
  /** Rejects once the signal is aborted. */
  readonly #stopped: Promise<never>;
  #isOver = false;

  constructor(emit: Emit<Name>, signal: AbortSignal) {
    this.#emit = emit;
    this.signal = signal;
    this.#stopped = new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    this.#stopped.catch(() => {});
  }

  /** Tells an event, behind all before it; none once the run is over. Rejects, with the whole run, if nobody takes it. */
  tell<Event extends keyof LabEvents[Name] & string>(
    who: LabWho,
    event: Event,
    text: string,
    data: LabEvents[Name][Event],
  ): Promise<unknown> {
    const atMs = Math.round((performance.now() - this.#beganAt) * 10) / 10;
    // A union cannot be made from parts that TypeScript does not know to belong together; the signature says they do.
    const told = { atMs, who, event, text, data } as unknown as LabEvent<Name>;
    // What happens because all is closed is no part of the experiment.
    // And whoever never takes it holds nothing up beyond its end.
    this.#telling = this.#telling.then(() =>
      this.#isOver ? undefined : Promise.race([this.#emit(told), this.#stopped]),
    );
    this.#telling.catch(() => {});
    return this.#telling;
  }

  /** It has ended, in whatever way; what is told now nobody hears. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Will be closed with the run. */
  keep(close: Close): void {
    if (this.#isOver) close();
    else this.#open.push(close);
  }

  /** @throws the signal's own reason. */
  async pause(ms: number): Promise<void> {
    this.signal.throwIfAborted();
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.signal.removeEventListener("abort", wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.signal.addEventListener("abort", wake);
    });
    this.signal.throwIfAborted();
  }

  /** Resolves once `look` says so, which is asked now and then, or after `withinMs`: then with false. */
  async until(look: () => boolean, withinMs: number): Promise<boolean> {
    const endAt = performance.now() + withinMs;
    while (!look()) {
      if (performance.now() > endAt) return false;
      await this.pause(lookEveryMs);
    }
    return true;
  }

  /** Closes what is open. What it waits for is its own end, not a peer's. */
  async close(): Promise<void> {
    this.#isOver = true;
    const open = this.#open;
    this.#open = [];
    await Promise.allSettled(open.reverse().map(async (close) => close()));
  }
}

const lookEveryMs = 5;

/**
 * Runs `body`, and closes what it kept whatever happens.
 * @throws what `body` throws; the signal's own reason; TimeoutError after `labMs`; what `emit` throws.
 */
export async function runExperiment<Name extends LabName>(
  name: Name,
  emit: Emit<Name>,
  { signal }: LabContext,
  body: (run: Run<Name>) => Promise<void>,
): Promise<void> {
  signal?.throwIfAborted();
  const stop = new AbortController();
  // Every socket of the experiment may listen to it, and none of them is a leak.
  setMaxListeners(0, stop.signal);
  const onAbort = () => stop.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const run = new Run(emit, stop.signal);
  // At once, so that whatever the body waits for fails.
  stop.signal.addEventListener("abort", () => void run.close(), { once: true });
  const timer = setTimeout(() => {
    stop.abort(
      new TimeoutError(limits.labMs, `the experiment took ${limits.labMs} ms`, { op: `lab ${name}` }),
    );
  }, limits.labMs);
  try {
    await body(run);
    stop.signal.throwIfAborted();
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
    await run.close();
  }
}
