// The hub's sockets as their life-cycle events tell of them: which there are, what each went through, which have closed.
// Invariant: one entry per socket from its first event to its last; what is kept of each, and of those gone, is bounded.

import type { Clock } from "../../core/clock.js";
import type { LifecycleEvent, LifecycleObserver } from "../../core/lifecycle.js";
import { limits } from "../../core/limits.js";
import type { ClosedSocket, LiveSocket, LiveStep } from "../page/messages.js";
import { visible } from "../visible.js";

export interface Entry {
  readonly id: number;
  readonly kind: LiveSocket["kind"];
  readonly door: LiveSocket["door"];
  readonly session: string | undefined;
  readonly since: number;
  readonly timeline: LiveStep[];
  local: string;
  remote: string;
  state: string;
  /** What it had moved when it was looked at last: what moves most is shown first. */
  movedBytes: number;
}

const detailCharsMax = 120;

/** What a socket is in from that step on. */
const stateAfter: { readonly [Name in LifecycleEvent["name"]]?: string } = {
  created: "opening",
  listening: "listening",
  accepted: "opening",
  open: "open",
  resuming: "resuming",
  resumed: "open",
  "half-closed": "half-closed",
};

export class Ledger {
  readonly #clock: Clock;
  readonly #sockets = new Map<number, Entry>();
  /** Newest last. */
  readonly #closed: ClosedSocket[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Writes down what happens at a door. */
  observer(door: LiveSocket["door"]): LifecycleObserver {
    return (event) => this.#take(door, event);
  }

  get sockets(): Iterable<Entry> {
    return this.#sockets.values();
  }

  get size(): number {
    return this.#sockets.size;
  }

  find(id: number): Entry | undefined {
    return this.#sockets.get(id);
  }

  /** Newest first. */
  get closed(): ClosedSocket[] {
    return this.#closed.toReversed();
  }

  #take(door: LiveSocket["door"], event: LifecycleEvent): void {
    const { name, id, kind, local, remote } = event;
    // Of connections that nobody took, the counters tell.
    if (name === "refused" || kind === "datagram") return;
    const entry = this.#sockets.get(id) ?? this.#open(door, event, kind);
    const at = this.#date();
    const step = { name, at, detail: detailOf(event) };
    // Of a longer life, its beginning and its newest steps are kept.
    if (entry.timeline.length === limits.liveStepsMax) entry.timeline.splice(1, 1);
    entry.timeline.push(step);
    entry.local = local ?? entry.local;
    entry.remote = remote ?? entry.remote;
    entry.state = stateAfter[name] ?? entry.state;
    if (name === "closed") this.#close(entry, event, at);
  }

  #open(door: LiveSocket["door"], { id, session }: LifecycleEvent, kind: LiveSocket["kind"]): Entry {
    const since = this.#clock.now();
    const unknown = { local: "", remote: "", state: "opening", movedBytes: 0 };
    const entry: Entry = { id, kind, door, session, since, timeline: [], ...unknown };
    this.#sockets.set(id, entry);
    return entry;
  }

  #close({ id, kind, remote, since, timeline }: Entry, { by, reason, error }: LifecycleEvent, at: number) {
    this.#sockets.delete(id);
    const lifeMs = Math.round(this.#clock.now() - since);
    const why = shown(reason ?? error?.reason ?? "");
    this.#closed.push({ id, kind, remote, at, lifeMs, by: by ?? "", reason: why, timeline });
    if (this.#closed.length > limits.liveClosedMax) this.#closed.shift();
  }

  #date(): number {
    return Math.round(this.#clock.date?.() ?? this.#clock.now());
  }
}

function detailOf({ by, reason, error }: LifecycleEvent): string | undefined {
  const why = reason ?? error?.reason;
  const parts = [by, why].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : shown(parts.join(": "));
}

/** What a peer said may be in it. */
function shown(text: string): string {
  return visible(text.slice(0, detailCharsMax));
}
