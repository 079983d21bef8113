// The life of a socket as events: the one source that `-v`, `--json` and every later view read.
// Invariant: per socket the names come in the order of `lifecycleNames`, each at most once, except that `half-closed`
// comes once for each side, `refused` as often as once a second, and `resuming` and `resumed` for each link of a session
// that breaks; `closed` always comes, and nothing after it. Each
// attempt to connect, and each address tried in it, is a socket with an id of its own.

import type { SocketError } from "./errors.js";
import { reportMistake } from "./report.js";

/**
 * In the order in which they happen: `listening` and `refused` to listeners only, `accepted` to what a listener took.
 * A connection that is refused is no socket of ours: nothing but the listener's `refused` tells of it.
 */
export const lifecycleNames = [
  "created",
  "bound",
  "listening",
  "refused",
  "accepted",
  "open",
  "resuming",
  "resumed",
  "half-closed",
  "closed",
] as const;

export interface LifecycleEvent {
  readonly name: (typeof lifecycleNames)[number];
  /** Which socket: unique in this process. */
  readonly id: number;
  readonly kind: "listener" | "connection" | "datagram" | "session";
  /** Of a session: its own id, the same at both ends. */
  readonly session?: string | undefined;
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

/** Told of each event as it happens. What it throws becomes a process warning, and harms no socket. */
export type LifecycleObserver = (event: LifecycleEvent) => void;

let lastId = 0;

export function nextSocketId(): number {
  lastId += 1;
  return lastId;
}

/**
 * Tells `observer`, whose own failure must neither end a connection nor the process, nor go unseen. This is how every
 * callback of a user's is called from an event.
 */
export function tell<Told extends readonly unknown[]>(
  observer: ((...told: Told) => unknown) | undefined,
  ...told: NoInfer<Told>
): void {
  try {
    const outcome = observer?.(...told);
    // Nobody else looks at what an async callback comes to.
    if (outcome instanceof Promise) outcome.catch(reportMistake);
  } catch (mistake) {
    reportMistake(mistake);
  }
}
