// Where pages order the lab's experiments: one at a time each, and so many in all.
// Invariant: an experiment runs no longer than its page listens.

import { AsyncQueue } from "../core/async-queue.js";
import { UsageError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import { json } from "../protocol/encoding/json.js";
import type { SessionStream } from "../session/stream.js";
import type { Lab } from "./lab/labs.js";
import { type LabEvent, type LabName, labNames } from "./lab/messages.js";

/** Runs an experiment. @throws UsageError for an order that is none; the signal's own reason; what `emit` throws. */
export type LabRunner = (
  name: LabName,
  order: unknown,
  emit: (event: LabEvent) => Promise<void>,
  context: { readonly signal: AbortSignal; readonly steps: AsyncIterable<unknown> },
) => Promise<void>;

/** By the lab, which is loaded once somebody experiments. */
export const runLab: LabRunner = async (name, order, emit, context) => {
  const { labs } = await import("./lab/labs.js");
  // Its own name ties them together, which TypeScript cannot see over all names at once.
  const lab = labs[name] as Lab<typeof name>;
  await lab.run(lab.check(order) as never, emit as never, context);
};

export class LabDesk {
  readonly #runner: LabRunner;
  /** Whose experiments run. */
  readonly #running = new Set<unknown>();

  constructor(runner: LabRunner) {
    this.#runner = runner;
  }

  /**
   * What the stream orders, until it is done.
   * @param who One at a time.
   * @throws as the runner does, and as the stream's `receive` does.
   */
  async run(stream: SessionStream, who: unknown): Promise<void> {
    const name = labNames.find((known) => stream.name === `lab.${known}`);
    if (name === undefined) return stream.abort(`the experiments are ${labNames.join(", ")}`);
    if (this.#running.has(who)) return stream.abort("your last experiment still runs");
    const { labRunsMax } = limits;
    if (this.#running.size >= labRunsMax) {
      return stream.abort(`${labRunsMax} experiments run already; come again`);
    }
    this.#running.add(who);
    const stop = new AbortController();
    try {
      const order = await stream.receive();
      if (order === undefined) throw new UsageError("the first message is the order", { op: stream.name });
      const steps = new AsyncQueue<unknown>();
      void takeSteps(stream, steps, stop);
      const emit = (event: LabEvent) => stream.send(encoder.encode(event).slice());
      await this.#runner(name, decoded(order), emit, { signal: stop.signal, steps });
      await stream.end();
    } finally {
      this.#running.delete(who);
    }
  }
}

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
