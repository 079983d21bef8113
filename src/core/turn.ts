// The end of the turn of the event loop that is running: when what one turn has produced leaves in one write.
// Invariant: never a microtask, with which a loop of awaited sends would make one write of each.

import { reportMistake } from "./report.js";

/** Calls back with `argument` behind what runs now. */
type AtTurnEnd = <T>(callback: (argument: T) => void, argument: T) => void;

interface Channel {
  readonly port1: { onmessage: unknown };
  readonly port2: { postMessage(message: undefined): void };
}

/** Node's own next tick; in browsers a task. */
export const atTurnEnd: AtTurnEnd =
  (globalThis as { readonly process?: { readonly nextTick?: AtTurnEnd } }).process?.nextTick ?? taskTurns();

/** A message to ourselves comes as a task, at once, however seldom the timers of a hidden page run. */
export function taskTurns({ port1, port2 }: Channel = new MessageChannel() as unknown as Channel): AtTurnEnd {
  let due: (() => void)[] = [];
  port1.onmessage = () => {
    const now = due;
    due = [];
    for (const run of now) {
      try {
        run();
      } catch (mistake) {
        reportMistake(mistake);
      }
    }
  };
  return (callback, argument) => {
    if (due.push(() => callback(argument)) === 1) port2.postMessage(undefined);
  };
}
