// Waiting for work until a deadline or the caller's signal, whichever comes first.
// Invariant: once the wait is over, neither the timer nor the listener on the caller's signal is left behind.

import type { Clock } from "./clock.js";

export interface Deadline {
  readonly clock: Clock;
  /** `Infinity`: no bound but the signal. */
  readonly timeoutMs: number;
  /** The caller's signal: its own reason is what the wait rejects with. */
  readonly signal: AbortSignal | undefined;
  /** What the wait rejects with when the time is up. */
  readonly onTimeout: () => Error;
}

/**
 * The outcome of `work`, which is told by its signal to stop and release what it holds when the wait ends early.
 * The wait ends at once then, whether or not `work` has stopped.
 */
export function withDeadline<T>(work: (stop: AbortSignal) => Promise<T>, deadline: Deadline): Promise<T> {
  const { clock, signal } = deadline;
  if (signal?.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const stop = new AbortController();
    const giveUp = (reason: unknown) => {
      settle();
      reject(reason);
      stop.abort(reason);
    };
    const abort = () => giveUp(signal?.reason);
    const expire = () => giveUp(deadline.onTimeout());
    const bounded = deadline.timeoutMs < Number.POSITIVE_INFINITY;
    const timer = bounded ? clock.setTimer(expire, deadline.timeoutMs) : undefined;
    const settle = () => {
      if (timer !== undefined) clock.clearTimer(timer);
      signal?.removeEventListener("abort", abort);
    };
    signal?.addEventListener("abort", abort, { once: true });
    work(stop.signal).then(resolve, reject).finally(settle);
  });
}
