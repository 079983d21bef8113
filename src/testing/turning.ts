// Lets virtual time pass while, and only while, the real event loop has nothing ready.
// Invariant: between two events of the virtual clock, all that the first made ready has run: promises, next ticks and
// immediates. So what happens depends on the clock alone, and not on how fast the machine is.

import { UsageError } from "../core/errors.js";
import type { VirtualClock } from "./virtual-clock.js";

/** Turns of the event loop that something may keep it busy before time passes all the same. */
const turnsMax = 1_000;

/** Real time that a file or another thread may take while nothing else can happen. */
const outsideMs = 10_000;

/** Events of one moment after which it is said that time stands still. */
const eventsAtOnceMax = 1_000_000;

/** Simulations of this process that wait for their next turn; their immediates are nobody's work. */
let waiting = 0;

export interface TurningOptions {
  /** Virtual time after which it is given up. */
  readonly withinMs: number;
  /** Asked before each event: whether to go on. */
  readonly goOn: () => boolean;
}

/**
 * Runs the clock's timers one by one until `goOn` says no.
 * @throws what a timer throws; UsageError if no timer is set, time stands still, or `withinMs` has passed.
 */
export function turning(clock: VirtualClock, { withinMs, goOn }: TurningOptions): Promise<void> {
  const untilMs = clock.now() + withinMs;
  let turns = 0;
  let eventsAtOnce = 0;
  let outsideSince: number | undefined;
  return new Promise((resolve, reject) => {
    const wait = () => {
      waiting += 1;
      setImmediate(turn);
    };
    const waitOutside = () => {
      waiting += 1;
      setTimeout(turn, 1);
    };
    const turn = () => {
      waiting -= 1;
      try {
        if (!goOn()) return resolve();
        turns += 1;
        if (turns > turnsMax || !isBusy()) {
          const before = clock.now();
          const { nextAt } = clock;
          if (nextAt === undefined) {
            // What comes from outside the event loop, such as a file, has its time, which is nobody's virtual time.
            outsideSince ??= performance.now();
            if (hasRequests() && performance.now() - outsideSince < outsideMs) return waitOutside();
            throw stuck("nothing is left that could happen");
          }
          if (nextAt > untilMs) throw stuck(`${withinMs} ms have passed`, "or allow more with withinMs");
          turns = 0;
          outsideSince = undefined;
          clock.next();
          eventsAtOnce = clock.now() === before ? eventsAtOnce + 1 : 0;
          if (eventsAtOnce > eventsAtOnceMax) {
            throw stuck(`time stands still, with ${eventsAtOnceMax} events at one moment`);
          }
        }
      } catch (error) {
        return reject(error);
      }
      wait();
    };
    wait();
  });
}

function stuck(reason: string, otherwise?: string): UsageError {
  const look = "look for what the story waits for: a message that was lost, or a connection that nobody ends";
  const advice = otherwise === undefined ? look : `${look}; ${otherwise}`;
  return new UsageError(`the story has not ended, and ${reason}`, { op: "simulate", advice });
}

/** Whether the event loop has immediates to run, other than those of simulations. */
function isBusy(): boolean {
  let immediates = 0;
  for (const resource of process.getActiveResourcesInfo()) if (resource === "Immediate") immediates += 1;
  return immediates > waiting;
}

/** Whether the process waits for the system: files, names, other threads. */
function hasRequests(): boolean {
  return process.getActiveResourcesInfo().some((resource) => /Req/.test(resource));
}
