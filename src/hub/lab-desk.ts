// Where pages order the lab's experiments: one at a time each, and so many in all.
// Invariant: an experiment runs no longer than its page listens.

import { AsyncQueue } from "../core/async-queue.js";
import { ClosedError, UsageError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import { json } from "../protocol/encoding/json.js";
import type { SessionStream } from "../session/stream.js";
import { type LabEvent, type LabName, labNames } from "./lab/messages.js";

/** Runs an experiment. @throws UsageError for an order that is none; the signal's own reason; what `emit` throws. */
export type LabRunner = (
  name: LabName,
  order: unknown,
  emit: (event: LabEvent) => Promise<void>,
  context: { readonly signal: AbortSignal; readonly steps: AsyncIterable<unknown> },
) => Promise<void>;

/** By the lab, which is loaded once somebody experiments. */
export const runLab: LabRunner = async (...ordered) => (await import("./lab/labs.js")).runLab(...ordered);

export class LabDesk {
  readonly #runner: LabRunner;
  /** By whose it is. */
  readonly #running = new Map<unknown, Run>();

  constructor(runner: LabRunner) {
    this.#runner = runner;
  }

  /**
   * What the stream orders, until it is done.
   * @param who One at a time: the next one ends the one before, and begins when that has put its sockets away.
   * @throws as the runner does, and as the stream's `receive` does.
   */
  async run(stream: SessionStream, who: unknown): Promise<void> {
    const name = labNames.find((known) => stream.name === `lab.${known}`);
    if (name === undefined) return stream.abort(`the experiments are ${labNames.join(", ")}`);
    // Whoever orders nothing has no place.
    const order = await stream.receive();
    if (order === undefined) throw new UsageError("the first message is the order", { op: stream.name });
    const before = this.#running.get(who);
    const { labRunsMax } = limits;
    if (before === undefined && this.#running.size >= labRunsMax) {
      return stream.abort(`${labRunsMax} experiments run already; come again`);
    }
    before?.stop.abort(new ClosedError("another experiment has begun", { op: stream.name }));
    const stop = new AbortController();
    const done = (before?.done ?? ready).then(() => this.#perform(name, order, stream, stop));
    const run = { stop, done: done.catch(() => {}) };
    this.#running.set(who, run);
    try {
      await done;
    } finally {
      if (this.#running.get(who) === run) this.#running.delete(who);
    }
  }

  async #perform(
    name: LabName,
    order: Uint8Array,
    stream: SessionStream,
    stop: AbortController,
  ): Promise<void> {
    stop.signal.throwIfAborted();
    const steps = new AsyncQueue<unknown>();
    stop.signal.addEventListener("abort", () => steps.end(), { once: true });
    void takeSteps(stream, steps, stop);
    const emit = (event: LabEvent) => stream.send(encoder.encode(event).slice());
    await this.#runner(name, decoded(order), emit, { signal: stop.signal, steps });
    await stream.end();
  }
}

interface Run {
  readonly stop: AbortController;
  /** Resolves, and never rejects, once its sockets are away. */
  readonly done: Promise<void>;
}

const ready = Promise.resolve();

/** Until the page ends them; if it goes, the experiment ends. */
async function takeSteps(
  stream: SessionStream,
  steps: AsyncQueue<unknown>,
  stop: AbortController,
): Promise<void> {
  const { labStepsMax } = limits;
  let count = 0;
  try {
    for await (const step of stream) {
      count += 1;
      if (count > labStepsMax) throw new UsageError(`an experiment has at most ${labStepsMax} steps by hand`);
      steps.push(decoded(step));
    }
  } catch (error) {
    stop.abort(error);
  }
  steps.end();
}

const encoder = json().open();

/** @throws ProtocolError for what is no JSON. */
function decoded(message: Uint8Array): unknown {
  return encoder.decode(message, false);
}
