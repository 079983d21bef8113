// Trying again: attempts with full-jitter pauses, inside one total deadline.

import { backoffMs } from "../core/backoff.js";
import { type Clock, type Random, systemClock, type Wakes } from "../core/clock.js";
import { pause, withDeadline } from "../core/deadline.js";
import {
  CertificateError,
  type ErrorContext,
  RefusedError,
  SocketError,
  TimeoutError,
  UsageError,
} from "../core/errors.js";
import { limit } from "../core/limits.js";
import type { RetryOptions } from "./options.js";

export interface RetryScope<T = unknown> {
  readonly clock?: Clock | undefined;
  /** Where `retry` itself gives none. */
  readonly random?: Random | undefined;
  readonly signal: AbortSignal | undefined;
  /** End a pause early. */
  readonly wakes?: Wakes | undefined;
  readonly context: ErrorContext;
  /** How long another attempt must wait after this error, before its own pause. Default: not at all. */
  readonly notBeforeMs?: ((error: unknown) => number) | undefined;
  /** Releases the success of an attempt that came too late to be told. */
  readonly onLate?: ((result: T) => void) | undefined;
}

/**
 * The first attempt that succeeds. Without `retry` there is one. A UsageError, a RefusedError or a CertificateError is
 * final: it would fail again.
 * @throws the last attempt's error; TimeoutError, with that error as its cause, after `totalMs`.
 */
export function withRetry<T>(
  attempt: (signal: AbortSignal | undefined) => Promise<T>,
  retry: RetryOptions | undefined,
  { clock = systemClock, random = Math.random, signal, wakes, context, notBeforeMs, onLate }: RetryScope<T>,
): Promise<T> {
  if (retry === undefined) return attempt(signal);
  const attempts = atLeastOne("retry.attempts", retry.attempts);
  const totalMs = atLeastOne("retry.totalMs", retry.totalMs);
  const { baseMs, maxMs } = pausesOf(retry);
  let made = 0;
  let last: unknown;
  const onTimeout = () => {
    const tries = made === 1 ? "1 attempt" : `${made} attempts`;
    const why = last instanceof SocketError ? `: ${last.reason}` : "";
    return new TimeoutError(totalMs, `no success within ${totalMs} ms and ${tries}${why}`, {
      ...context,
      cause: last,
    });
  };
  return withDeadline(
    async (stop) => {
      for (;;) {
        made += 1;
        try {
          return await attempt(stop);
        } catch (error) {
          if (isFinal(error) || made >= attempts || stop.aborted) throw error;
          last = error;
        }
        const jitterMs = backoffMs(made, baseMs, maxMs, retry.random ?? random);
        await pause(clock, (notBeforeMs?.(last) ?? 0) + jitterMs, stop, wakes);
      }
    },
    { clock, signal, timeoutMs: totalMs, onTimeout, onLate },
  );
}

/** The first and the largest pause. @throws UsageError for one that is none. */
export function pausesOf(retry: RetryOptions | undefined): {
  readonly baseMs: number;
  readonly maxMs: number;
} {
  const baseMs = limit("retryBaseMs", retry?.baseMs, "retry.baseMs");
  return { baseMs, maxMs: Math.max(baseMs, limit("retryMaxMs", retry?.maxMs, "retry.maxMs")) };
}

function isFinal(error: unknown): boolean {
  return error instanceof UsageError || error instanceof RefusedError || error instanceof CertificateError;
}

/** No bound unless one is given; `Infinity` says so too. */
function atLeastOne(name: string, given: number = Number.POSITIVE_INFINITY): number {
  if (given === Number.POSITIVE_INFINITY || (Number.isSafeInteger(given) && given >= 1)) return given;
  throw new UsageError(`${name} must be a whole number of at least 1, got ${String(given)}`);
}
