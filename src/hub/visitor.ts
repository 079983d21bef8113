// A member of the room as a door sees it: what visits have in common, whatever they come over.
// Invariant: whatever one visitor does, or fails to do, its visit ends alone and the room hears of it.

import type { Clock } from "../core/clock.js";
import { pause } from "../core/deadline.js";
import { ClosedError, SocketError } from "../core/errors.js";
import { tell } from "../core/lifecycle.js";
import type { SessionLinkInfo } from "../session/session.js";
import type { HubEventName, HubObserver } from "./events.js";
import type { News } from "./news.js";
import { costOf, Pace } from "./pace.js";
import type { Peer, Room } from "./room.js";
import type { Visitors } from "./visitors.js";

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
  /** All who are here: each adds itself, and takes itself out. */
  readonly visitors: Visitors;
}

/** A connection or a session. */
export interface Carrier {
  readonly remote: string;
  readonly closed: Promise<{ readonly reason: string; readonly error?: SocketError }>;
  /** The graceful end. */
  close(): Promise<void>;
  abort(reason: unknown): void;
}

/** What a visitor's carrier has moved, and what waits in it. Times in milliseconds. */
export interface Traffic {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly pendingBytes: number;
  readonly unreadBytes: number;
  readonly roundTripMs?: number | undefined;
  /** Since the last byte came in. */
  readonly silentMs?: number | undefined;
  /** How its carrier is, if it knows better than its life-cycle events. */
  readonly state?: string | undefined;
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
  /** What an operator lets it say, in plain bytes. */
  #throttle: { readonly bytesPerSecond: number; readonly pace: Pace } | undefined;
  /** Ends a pause: its carrier has gone, or the room has let go of it. Made by the first pause. */
  #stop: AbortController | undefined;
  /** What it has said since the event loop turned last. */
  #sinceTurn = 0;
  /** False once the room, or the door, has let go of it. */
  isHere = true;
  /** What it has said, and been told. */
  messagesIn = 0;
  messagesOut = 0;

  constructor(carrier: Carrier, hall: Hall) {
    this.#carrier = carrier;
    this.hall = hall;
    this.#ownPace = new Pace(hall.paceBytes, hall.clock.now());
  }

  get remote(): string {
    return this.#carrier.remote;
  }

  trySend(news: News): boolean {
    if (!this.deliver(news)) return false;
    this.messagesOut += 1;
    return true;
  }

  /** Takes the news in its own form; false if there is no room for it. */
  protected abstract deliver(news: News): boolean;

  abstract get traffic(): Traffic;

  /** The link under it, if that is a socket of its own. */
  get link(): SessionLinkInfo | undefined {
    return undefined;
  }

  /** Breaks what carries it, as a bad cable would. */
  abstract cut(): void;

  /** Shows it out: what it was told is sent first. */
  disconnect(reason: string): void {
    this.hall.room.note(this, `you were ${reason}`);
    this.#leave(reason);
    this.dismiss("bye");
    void this.#carrier.close();
  }

  /** Reads it no faster than this. @param bytesPerSecond 0: as fast as the room allows. */
  throttle(bytesPerSecond: number): void {
    const pace = new Pace(bytesPerSecond, this.hall.clock.now());
    this.#throttle = bytesPerSecond === 0 ? undefined : { bytesPerSecond, pace };
  }

  get throttledBytesPerSecond(): number | undefined {
    return this.#throttle?.bytesPerSecond;
  }

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
    this.hall.visitors.add(this);
    try {
      await this.listen(signal);
      this.#leave();
    } catch (error) {
      this.#leave(error instanceof SocketError ? error.reason : undefined);
      if (this.isHere && !signal.aborted) throw error;
    } finally {
      this.hall.visitors.remove(this);
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
  protected say(bytes: Uint8Array, id?: number): void {
    this.messagesIn += 1;
    this.charge(bytes.length, this.hall.room.take(this, bytes, id));
  }

  /** Nobody hears a line that is too long. */
  protected refuse(id?: number): void {
    const { room, lineBytesMax } = this.hall;
    this.messagesIn += 1;
    this.tell("too-long");
    room.note(this, `that line has more than ${lineBytesMax} bytes, so nobody saw it; send shorter ones`, id);
    this.charge(lineBytesMax, 0);
  }

  /** For so many bytes that it sent, and what came of them: as much as reading them, at least. */
  protected charge(bytes: number, cost: number): void {
    const now = this.hall.clock.now();
    const whole = Math.max(cost, costOf(bytes, 0));
    this.#throttle?.pace.charge(bytes, now);
    this.#ownPace.charge(whole, now);
    this.hall.pace.charge(whole, now);
    this.#sinceTurn += whole;
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
    const throttledMs = this.#throttle?.pace.owedMs(now) ?? 0;
    return Math.max(throttledMs, this.#ownPace.owedMs(now), this.hall.pace.owedMs(now));
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
