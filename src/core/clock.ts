// Time and chance as parameters, so that a test or a simulation can hold both still.
// Invariant: `now` never runs backwards; it is no date.

/** A timer that has been set. Opaque; give it back to `clearTimer`. */
export type Timer = unknown;

/** Monotonic time and one-shot timers, in milliseconds. */
export interface Clock {
  /** Milliseconds since some fixed moment; monotonic. */
  now(): number;
  /** Calls back once, after `delayMs` or 24 days, whichever is less. Until then it keeps the process alive. */
  setTimer(callback: () => void, delayMs: number): Timer;
  clearTimer(timer: Timer): void;
  /** Milliseconds since 1970, where there is such a thing: unlike `now` it counts a machine's sleep. */
  date?(): number;
}

/** A number in [0, 1), like `Math.random`. */
export type Random = () => number;

/**
 * Calls back whenever this machine or its network may just have come back (a page that was frozen, a laptop that was
 * asleep), until what it returns is called.
 */
export type Wakes = (onWake: () => void) => () => void;

/** The longest delay that the platform's timers take; they fire at once above it. */
const timerMsMax = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer: (callback, delayMs) => setTimeout(callback, Math.min(delayMs, timerMsMax)),
  clearTimer: (timer) => clearTimeout(timer as Parameters<typeof clearTimeout>[0]),
  date: () => Date.now(),
};
