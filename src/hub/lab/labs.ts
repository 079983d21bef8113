// Every experiment: how its order is checked, and what runs it. The page and the terminal find them here.

import { runBytes } from "./bytes.js";
import { runCut } from "./cut.js";
import { runKinds } from "./kinds.js";
import { runLife } from "./life.js";
import type { LabName, LabOrders } from "./messages.js";
import { checkOrder } from "./orders.js";
import type { Emit, LabContext } from "./run.js";

export interface Lab<Name extends LabName> {
  /** The order that `value` is. @throws UsageError that says what to change. */
  check(value: unknown): LabOrders[Name];
  /**
   * Runs it on sockets of its own, on the loopback, and closes them all whatever happens.
   * @throws the signal's own reason; SocketError for a system that gives it no sockets, or a run out of time; what
   * `emit` throws.
   */
  run(order: LabOrders[Name], emit: Emit<Name>, context?: LabContext): Promise<void>;
}

export const labs: { readonly [Name in LabName]: Lab<Name> } = {
  bytes: { check: (value) => checkOrder("bytes", value), run: runBytes },
  life: { check: (value) => checkOrder("life", value), run: runLife },
  cut: { check: (value) => checkOrder("cut", value), run: runCut },
  kinds: { check: (value) => checkOrder("kinds", value), run: runKinds },
};
