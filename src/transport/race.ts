// Trying several addresses at once, each with a head start over the next (RFC 8305), until one answers.
// Invariant: when the race is over, every attempt but the winner's has been cancelled.

import type { Clock } from "../core/clock.js";

export interface Attempt<T> {
  readonly outcome: Promise<T>;
  /** Gives up; the outcome no longer matters. */
  cancel(): void;
}

export interface RaceOptions {
  readonly clock: Clock;
  /** Head start of each attempt; one that fails hands over at once. */
  readonly delayMs: number;
  /** Ends the race: all attempts are cancelled and the race never settles. */
  readonly stop: AbortSignal;
}

/** @throws AggregateError with each attempt's error, in the order of `candidates`, when all have failed. */
export function race<C, T>(
  candidates: readonly C[],
  start: (candidate: C) => Attempt<T>,
  { clock, delayMs, stop }: RaceOptions,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const running = new Set<Attempt<T>>();
    const errors: unknown[] = [];
    let next = 0;
    let over = false;
    let timer: unknown;

    const finish = () => {
      over = true;
      clock.clearTimer(timer);
      stop.removeEventListener("abort", finish);
      for (const attempt of running) attempt.cancel();
    };
    const startNext = () => {
      clock.clearTimer(timer);
      const position = next;
      next += 1;
      const attempt = start(candidates[position] as C);
      running.add(attempt);
      if (next < candidates.length) timer = clock.setTimer(startNext, delayMs);
      attempt.outcome.then(
        (result) => {
          running.delete(attempt);
          if (over) return attempt.cancel();
          finish();
          resolve(result);
        },
        (error) => {
          running.delete(attempt);
          if (over) return;
          errors[position] = error;
          if (next < candidates.length) startNext();
          else if (running.size === 0) {
            finish();
            reject(new AggregateError(errors));
          }
        },
      );
    };
    stop.addEventListener("abort", finish, { once: true });
    startNext();
  });
}
