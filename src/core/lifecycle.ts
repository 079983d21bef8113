// The life of a socket as events: the one source that `-v`, `--json` and every later view read.
// Invariant: per socket the names come in the order of `lifecycleNames`, each at most once, except that
// `created`/`bound` repeat per address tried, `half-closed` comes once for each side, and `closed` is always last.

import type { SocketError } from "./errors.js";

/** In the order in which they happen: `listening` to listeners only, `accepted` to what a listener took. */
export const lifecycleNames = [
  "created",
  "bound",
  "listening",
  "accepted",
  "open",
  "half-closed",
  "closed",
  "refused",
] as const;

export interface LifecycleEvent {
  readonly name: (typeof lifecycleNames)[number];
  /** Which socket: unique in this process. */
  readonly id: number;
  readonly kind: "listener" | "connection" | "datagram";
  readonly local?: string | undefined;
  readonly remote?: string | undefined;
  /** `half-closed` and `closed`: which side did it. */
  readonly by?: ClosedBy | undefined;
  /** `closed` and `refused`: why, in a few words. */
  readonly reason?: string | undefined;
  readonly error?: SocketError | undefined;
  /** `refused`: how many connections since the last such event, which come at most once a second. */
  readonly count?: number | undefined;
}

/** Who ended it: this process, the peer, or neither of them (a cable, a firewall, a deadline). */
export type ClosedBy = "local" | "remote" | "network";

/** Told of each event as it happens. What it throws is reported as an uncaught exception, never to the socket. */
export type LifecycleObserver = (event: LifecycleEvent) => void;

let lastId = 0;

export function nextSocketId(): number {
  lastId += 1;
  return lastId;
}

/** Tells `observer`, whose own failure must neither end a connection nor go unseen. */
export function tell<Event>(observer: ((event: Event) => void) | undefined, event: NoInfer<Event>): void {
  if (observer === undefined) return;
  try {
    observer(event);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
