// The plain door: any program with a socket takes part in the room. One visit is one connection's loop.
// Invariant: whatever one visitor does, or fails to do, its visit ends alone and the room hears of it.

import type { Connection } from "../connection/connection.js";
import type { Clock } from "../core/clock.js";
import { pause } from "../core/deadline.js";
import { ClosedError, SocketError, TimeoutError } from "../core/errors.js";
import { tell } from "../core/lifecycle.js";
import { limits } from "../core/limits.js";
import { looksLikeHttp, looksLikeTls, tlsAlert } from "../protocol/foreign.js";
import type { HubEventName, HubObserver } from "./events.js";
import { httpAnswer } from "./foreign.js";
import { costOf, Pace } from "./pace.js";
import { PlainFraming, type PlainFramingOptions, type PlainMessage } from "./plain-framing.js";
import type { Peer, Room } from "./room.js";

/** What all visits share. */
export interface PlainDoor extends PlainFramingOptions {
  readonly room: Room;
  /** All speak at this pace together; each alone at the same rate. */
  readonly pace: Pace;
  readonly paceBytes: number;
  readonly clock: Clock;
  readonly onEvent: HubObserver | undefined;
  /** How long a visitor may speak first, before it is greeted. */
  readonly greetingMs: number;
  /** What may be queued for a visitor that does not read. */
  readonly sendBufferBytes: number;
}

/** One connection's visit, until it ends. Returns when it should be closed. @throws as `receive` does. */
export async function visit(connection: Connection, door: PlainDoor, signal: AbortSignal): Promise<void> {
  const visitor = new Visitor(connection, door, signal);
  try {
    await visitor.listen();
    visitor.leave();
  } catch (error) {
    visitor.leave(error instanceof SocketError ? error.reason : undefined);
    if (visitor.isHere && !signal.aborted) throw error;
  }
}

/** What may be said between two turns of the event loop, at its cost: a millisecond or two of work. */
const turnCost = 16_384;
/** Whoever must wait waits this long at least, so that what it says next leaves in few writes. */
const pauseMsMin = 20;

class Visitor implements Peer {
  readonly #connection: Connection;
  readonly #door: PlainDoor;
  readonly #signal: AbortSignal;
  readonly #framing: PlainFraming;
  readonly #ownPace: Pace;
  /** Ends a pause: its connection has gone, or the room has let go of it. Made by the first pause. */
  #stop: AbortController | undefined;
  /** Lines that wait for the event loop to turn. */
  #waiting = 0;
  /** When it is greeted if it has said nothing until then; undefined once it is in the room. */
  #greetAt: number | undefined;
  #hasSpoken = false;
  #toldOfSilence = false;
  /** False once the room, or the door, has let go of it. */
  isHere = true;

  constructor(connection: Connection, door: PlainDoor, signal: AbortSignal) {
    this.#connection = connection;
    this.#door = door;
    this.#signal = signal;
    this.#framing = new PlainFraming(door);
    const now = door.clock.now();
    this.#ownPace = new Pace(door.paceBytes, now);
    this.#greetAt = now + door.greetingMs;
  }

  get id(): number {
    return this.#connection.id;
  }

  get remote(): string {
    return this.#connection.remote;
  }

  trySend(bytes: Uint8Array): boolean {
    if (this.#connection.trySend(bytes)) return true;
    const { pendingBytes } = this.#connection.stats;
    if (pendingBytes > 0 && pendingBytes + bytes.length > this.#door.sendBufferBytes) return false;
    if (this.#waiting >= limits.sendCallsMax) return false;
    // Much in one turn of the event loop, or an end that our loop is about to find: neither is a slow reader.
    this.#waiting += 1;
    const done = () => {
      this.#waiting -= 1;
    };
    this.#connection.send(bytes).then(done, done);
    return true;
  }

  dismiss(how: "bye" | "slow"): void {
    this.isHere = false;
    this.#stop?.abort();
    if (how === "slow") this.#connection.abort("reads too slowly");
  }

  /** Out of the room, if it is still in; why, if not in order. */
  leave(reason?: string): void {
    const { room, pace, clock } = this.#door;
    pace.charge(room.leave(this, reason), clock.now());
  }

  /** Takes what comes, and what does not come in time, until the visit ends. */
  async listen(): Promise<void> {
    for (let ended = false; this.isHere && !ended; ) {
      const chunk = await this.#nextChunk();
      const now = this.#door.clock.now();
      if (chunk === "silence") this.#framing.expire(now);
      else if (chunk !== undefined) this.#framing.receive(chunk, now);
      else {
        this.#framing.end();
        ended = true;
      }
      if (!this.#hasSpoken && looksLikeTls(this.#framing.peek())) return this.#turnAway("tls", tlsAlert);
      await this.#takeMessages();
      if (this.isHere && this.#greetAt !== undefined && this.#greetAt <= now && !ended) this.#enter();
    }
  }

  /** Bytes; undefined at their end; `silence` when it is time to look again. */
  async #nextChunk(): Promise<Uint8Array | "silence" | undefined> {
    const signal = this.#signal;
    const due = Math.min(this.#framing.deadline ?? Infinity, this.#greetAt ?? Infinity);
    if (due === Infinity) return this.#connection.receive({ signal });
    try {
      const timeoutMs = Math.max(0, due - this.#door.clock.now());
      return await this.#connection.receive({ signal, timeoutMs });
    } catch (error) {
      if (error instanceof TimeoutError && error.op === "receive") return "silence";
      throw error;
    }
  }

  /** What has come, at the room's pace; the others have their turns in between, however little it costs. */
  async #takeMessages(): Promise<void> {
    let sinceTurn = 0;
    for (let next = this.#framing.next(); next !== undefined; next = this.#framing.next()) {
      if (this.#speaksHttp(next)) return this.#turnAway("http", httpAnswer(this.#connection.local));
      this.#enter();
      const owedMs = this.#owedMs();
      if (owedMs > 0 || sinceTurn >= turnCost) {
        await (owedMs > 0 ? this.#pause(Math.max(owedMs, pauseMsMin)) : new Promise(setImmediate));
        this.#framing.listen(this.#door.clock.now());
        sinceTurn = 0;
      }
      if (!this.isHere) return;
      const cost = this.#take(next);
      this.#charge(cost);
      sinceTurn += cost;
    }
  }

  #speaksHttp(message: PlainMessage): boolean {
    return message.kind === "message" && !this.#hasSpoken && looksLikeHttp(message.bytes);
  }

  /** For what it said itself, and for what all said; the room's debt has an end, its own has none. */
  #owedMs(): number {
    const now = this.#door.clock.now();
    return Math.max(this.#ownPace.owedMs(now), this.#door.pace.owedMs(now));
  }

  #charge(cost: number): void {
    const now = this.#door.clock.now();
    this.#ownPace.charge(cost, now);
    this.#door.pace.charge(cost, now);
  }

  /** @throws ClosedError and others: its connection has gone meanwhile. */
  #pause(pauseMs: number): Promise<void> {
    this.#stop ??= this.#stopOnceGone();
    return pause(this.#door.clock, pauseMs, this.#stop.signal);
  }

  #stopOnceGone(): AbortController {
    const stop = new AbortController();
    void this.#connection.closed.then(({ reason, error = new ClosedError(reason) }) => stop.abort(error));
    return stop;
  }

  /** Returns what it cost: to read it at least. */
  #take(message: PlainMessage): number {
    const { room, lineBytesMax, quietMs } = this.#door;
    this.#hasSpoken = true;
    if (message.kind === "too-long") {
      this.#tell("too-long");
      room.note(this, `that line has more than ${lineBytesMax} bytes, so nobody saw it; send shorter ones`);
      return costOf(lineBytesMax, 0);
    }
    const said = room.take(this, message.bytes);
    if (message.endedBy === "silence" && !this.#toldOfSilence) {
      this.#toldOfSilence = true;
      room.note(
        this,
        `no newline came for ${quietMs} ms, so that was one message; end each with a newline (said once)`,
      );
    }
    return Math.max(said, costOf(message.bytes.length, 0));
  }

  /** What that costs is the room's: a visitor that is new has said nothing yet. */
  #enter(): void {
    if (this.#greetAt === undefined) return;
    this.#greetAt = undefined;
    const { room, pace, clock } = this.#door;
    pace.charge(room.join(this), clock.now());
  }

  /** Another protocol: answers in its own words. The visit is over. */
  #turnAway(name: "http" | "tls", answer: Uint8Array): void {
    this.#tell(name);
    this.isHere = false;
    this.#connection.trySend(answer);
  }

  #tell(name: HubEventName): void {
    tell(this.#door.onEvent, { name, id: this.id, remote: this.remote });
  }
}
