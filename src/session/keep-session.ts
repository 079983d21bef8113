// Sessions that follow one another: each is mortal, and when one is lost the next is opened and says what became of it.
// Invariant: one session at a time, and no two are opened without a pause between them.

import { pausesOf } from "../connection/retry.js";
import { backoffMs } from "../core/backoff.js";
import { systemClock } from "../core/clock.js";
import { pause } from "../core/deadline.js";
import type { SessionClosed } from "./ending.js";
import { openSessionFrom } from "./open-session.js";
import type { OpenSessionOptions } from "./options.js";
import type { Platform } from "./platform.js";
import type { Session } from "./session.js";

/** One of those that follow one another. */
export interface KeptSession<Send = Uint8Array, Receive = Send> {
  readonly session: Session<Send, Receive>;
  /** What became of the one before, with what it could not deliver for sure; undefined for the first. */
  readonly previous: SessionClosed<Send> | undefined;
}

/** As `keepSession` in index.ts says, from wherever it is called. */
export async function* keepSessionFrom<Send, Receive>(
  platform: Platform,
  endpoint: string,
  options: OpenSessionOptions<Send, Receive>,
): AsyncGenerator<KeptSession<Send, Receive>, void> {
  const { clock = systemClock, random = Math.random, retry = {}, signal = never } = options;
  const { baseMs, maxMs } = pausesOf(retry);
  let previous: SessionClosed<Send> | undefined;
  let shortLived = 0;
  for (;;) {
    const session = await openSessionFrom(platform, endpoint, { ...options, retry });
    const openedAt = clock.now();
    const close = () => void session.close();
    signal.addEventListener("abort", close, { once: true });
    if (signal.aborted) close();
    try {
      yield { session, previous };
      previous = await session.closed;
    } finally {
      signal.removeEventListener("abort", close);
      // Whoever leaves the loop wants no more of it.
      close();
    }
    if (previous.by === "local") return;
    // A server that ends each session at once is spared; and one that has ended all of its own at once is not stormed.
    shortLived = clock.now() - openedAt < maxMs ? shortLived + 1 : 1;
    await pause(clock, backoffMs(shortLived, baseMs, maxMs, retry.random ?? random), signal, platform.wakes);
  }
}

const never = new AbortController().signal;
