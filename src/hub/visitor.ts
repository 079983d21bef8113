// A member of the room as a door sees it: what visits have in common, whatever they come over.
// Invariant: whatever one visitor does, or fails to do, its visit ends alone and the room hears of it.

import type { Clock } from "../core/clock.js";
import { pause } from "../core/deadline.js";
import { ClosedError, SocketError } from "../core/errors.js";
import { tell } from "../core/lifecycle.js";
import type { HubEventName, HubObserver } from "./events.js";
import type { News } from "./news.js";
import { costOf, Pace } from "./pace.js";
import type { Peer, Room } from "./room.js";

/** What all visits share. */
export interface Hall {
  readonly room: Room;
  /** All speak at this pace together; each alone at the same rate. */
  readonly pace: Pace;
  readonly paceBytes: number;
  readonly clock: Clock;
  readonly onEvent: HubObserver | undefined;
  /** The longest message, in bytes, without its line break. */
  readonly lineBytesMax: number;
}

/** A connection or a session. */
export interface Carrier {
  readonly remote: string;
  readonly closed: Promise<{ readonly reason: string; readonly error?: SocketError }>;
  abort(reason: unknown): void;
}

/** What may be said between two turns of the event loop, at its cost: a millisecond or two of work. */
const turnCost = 16_384;
/** Whoever must wait waits this long at least, so that what it says next leaves in few writes. */
const pauseMsMin = 20;

export abstract class Visitor implements Peer {
  abstract readonly id: number | string;
  protected readonly hall: Hall;
  readonly #carrier: Carrier;
  readonly #ownPace: Pace;
  /** Ends a pause: its carrier has gone, or the room has let go of it. Made by the first pause. */
  #stop: AbortController | undefined;
  /** What it has said since the event loop turned last. */
  #sinceTurn = 0;
  /** False once the room, or the door, has let go of it. */
  isHere = true;

  constructor(carrier: Carrier, hall: Hall) {
    this.#carrier = carrier;
    this.hall = hall;
    this.#ownPace = new Pace(hall.paceBytes, hall.clock.now());
  }

  get remote(): string {
    return this.#carrier.remote;
  }

  abstract trySend(news: News): boolean;

  dismiss(how: "bye" | "slow"): void {
    this.isHere = false;
    this.#stop?.abort();
    if (how === "slow") this.#carrier.abort("reads too slowly");
  }

  /**
   * The whole visit. Returns when its carrier should be closed.
   * @param signal The hub drains: the room has said goodbye already.
   * @throws as the carrier's `receive` does.
   */
  async visit(signal: AbortSignal): Promise<void> {
    try {
      await this.listen(signal);
      this.#leave();
    } catch (error) {
      this.#leave(error instanceof SocketError ? error.reason : undefined);
      if (this.isHere && !signal.aborted) throw error;
    }
  }

  /** Takes what comes, until the visit ends. */
  protected abstract listen(signal: AbortSignal): Promise<void>;

  /** Into the room. What that costs is the room's: a visitor that is new has said nothing yet. */
  protected enter(): void {
    const { room, pace, clock } = this.hall;
    pace.charge(room.join(this), clock.now());
  }

  /**
   * Its turn to speak: undefined if that is now. The others have their turns in between, however little it costs.
   * @throws ClosedError and others: its carrier has gone meanwhile.
   */
  protected turn(): Promise<void> | undefined {
    const owedMs = this.#owedMs();
    if (owedMs === 0 && this.#sinceTurn < turnCost) return undefined;
    this.#sinceTurn = 0;
    return owedMs > 0 ? this.#pause(Math.max(owedMs, pauseMsMin)) : new Promise(setImmediate);
  }

  /** Says what it has said; it costs as much as reading it, at least. */
  protected say(bytes: Uint8Array): void {
    this.#charge(Math.max(this.hall.room.take(this, bytes), costOf(bytes.length, 0)));
  }

  /** Nobody hears a line that is too long. */
  protected refuse(): void {
    const { room, lineBytesMax } = this.hall;
    this.tell("too-long");
    room.note(this, `that line has more than ${lineBytesMax} bytes, so nobody saw it; send shorter ones`);
    this.#charge(costOf(lineBytesMax, 0));
  }

  protected tell(name: HubEventName): void {
    tell(this.hall.onEvent, { name, id: this.id, remote: this.remote });
  }

  /** Out of the room, if it is still in; why, if not in order. */
  #leave(reason?: string): void {
    const { room, pace, clock } = this.hall;
    pace.charge(room.leave(this, reason), clock.now());
  }

  /** For what it said itself, and for what all said; the room's debt has an end, its own has none. */
  #owedMs(): number {
    const now = this.hall.clock.now();
    return Math.max(this.#ownPace.owedMs(now), this.hall.pace.owedMs(now));
  }

  #charge(cost: number): void {
    const now = this.hall.clock.now();
    this.#ownPace.charge(cost, now);
    this.hall.pace.charge(cost, now);
    this.#sinceTurn += cost;
  }

  #pause(pauseMs: number): Promise<void> {
    this.#stop ??= this.#stopOnceGone();
    return pause(this.hall.clock, pauseMs, this.#stop.signal);
  }

  #stopOnceGone(): AbortController {
    const stop = new AbortController();
    void this.#carrier.closed.then(({ reason, error = new ClosedError(reason) }) => stop.abort(error));
    return stop;
  }
}
