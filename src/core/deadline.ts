// Waiting for work until a deadline or the caller's signal, whichever comes first.
// Invariant: once the wait is over, neither the timer nor the listener on the caller's signal is left behind, and a
// result that comes later is not lost but released.

import type { Clock, Wakes } from "./clock.js";

export interface Deadline<T = unknown> {
  readonly clock: Clock;
  /** `Infinity`: no bound but the signal. */
  readonly timeoutMs: number;
  /** The caller's signal: its own reason is what the wait rejects with. */
  readonly signal: AbortSignal | undefined;
  /** What the wait rejects with when the time is up. */
  readonly onTimeout: () => Error;
  /** Releases what `work` came to after the wait had ended, where it was too late to be told. */
  readonly onLate?: ((result: T) => void) | undefined;
}

/**
 * The outcome of `work`, which is told by its signal to stop and release what it holds when the wait ends early.
 * The wait ends at once then, whether or not `work` has stopped.
 */
export function withDeadline<T>(work: (stop: AbortSignal) => Promise<T>, deadline: Deadline<T>): Promise<T> {
  const { clock, signal } = deadline;
  if (signal?.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const stop = new AbortController();
    let over = false;
    const giveUp = (reason: unknown) => {
      over = true;
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
    work(stop.signal).then(
      (result) => {
        if (over) return deadline.onLate?.(result);
        settle();
        resolve(result);
      },
      (error) => {
        settle();
        reject(error);
      },
    );
  });
}

/** Resolves after `delayMs`, or at the first wake before it. @throws the reason of `stop`, at once. */
export function pause(clock: Clock, delayMs: number, stop: AbortSignal, wakes?: Wakes): Promise<void> {
  if (stop.aborted) return Promise.reject(stop.reason);
  return new Promise((resolve, reject) => {
    const settle = () => {
      clock.clearTimer(timer);
      stop.removeEventListener("abort", abort);
      sleepOn?.();
    };
    const abort = () => {
      settle();
      reject(stop.reason);
    };
    const goOn = () => {
      settle();
      resolve();
    };
    const timer = clock.setTimer(goOn, delayMs);
    const sleepOn = wakes?.(goOn);
    stop.addEventListener("abort", abort, { once: true });
  });
}
