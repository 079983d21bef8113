// Every experiment by its name. The page and the terminal find them here.

import { runBytes } from "./bytes.js";
import { runCut } from "./cut.js";
import { runKinds } from "./kinds.js";
import { runLife } from "./life.js";
import type { LabEvent, LabName, LabOrders } from "./messages.js";
import { checkOrder } from "./orders.js";
import type { Emit, LabContext } from "./run.js";

const labs: {
  readonly [Name in LabName]: (
    order: LabOrders[Name],
    emit: Emit<Name>,
    context: LabContext,
  ) => Promise<void>;
} = { bytes: runBytes, life: runLife, cut: runCut, kinds: runKinds };

/**
 * Runs an experiment on sockets of its own, on the loopback, and closes them all whatever happens.
 * @param order As `LabOrders` has it for this name; whatever it is, it is checked.
 * @param emit Is given each event; the next one waits for the promise if it returns one.
 * @throws UsageError for an order that is none, and then nothing was opened; the signal's own reason; what `emit`
 * throws; another SocketError if the system gives no sockets, or after `labMs`.
 */
export async function runLab(
  name: LabName,
  order: unknown,
  emit: (event: LabEvent) => unknown,
  context: LabContext = {},
): Promise<void> {
  const checked = checkOrder(name, order);
  // The name ties them together, which TypeScript cannot see over all names at once.
  const run = labs[name] as (order: LabOrders[LabName], emit: unknown, context: LabContext) => Promise<void>;
  await run(checked, emit, context);
}
