// lab: experiments on real sockets, told as they happen.
// Invariant: stdout has what the sockets did and nothing else; each experiment closes all that it opened, after Ctrl-C too.

import { type LabEvent, type LabName, labNames, runLab } from "../../hub.js";
import { UsageError } from "../../index.js";
import type { Command } from "../command.js";
import { chooseLab } from "../lab/menu.js";
import { orderOf } from "../lab/order.js";
import { stepsTyped } from "../lab/steps.js";
import { Telling } from "../lab/telling.js";
import { clearStatus, print } from "../output.js";

export const labCommand: Command<"lab"> = async ({ args, options, signals }) => {
  const [named, ...words] = args;
  const name = named === undefined ? await chooseLab() : knownLab(named);
  if (name === undefined) return;
  const order = orderOf(name, words, options);
  const stop = new AbortController();
  let over: Promise<unknown> = Promise.resolve();
  const undo = signals.beforeExit(() => {
    stop.abort(new DOMException("interrupted", "AbortError"));
    clearStatus();
    return over;
  });
  const telling = new Telling();
  const emit = (event: LabEvent) => (options.json ? print(JSON.stringify(event)) : telling.tell(event));
  const steps = name === "life" && words.length === 0 ? stepsTyped() : undefined;
  const running = runLab(name, order, emit, { signal: stop.signal, steps });
  over = running.catch(() => {});
  await running;
  undo();
};

function knownLab(named: string): LabName {
  const name = labNames.find((known) => known === named);
  if (name !== undefined) return name;
  throw new UsageError(`there is no experiment "${named}"`, { advice: `choose ${labNames.join(", ")}` });
}
