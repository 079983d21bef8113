// The plain door: any program with a socket takes part in the room. One visit is one connection's loop.
// Invariant: whatever one visitor does, or fails to do, its visit ends alone and the room hears of it.

import type { Connection } from "../connection/connection.js";
import type { Clock } from "../core/clock.js";
import { pause } from "../core/deadline.js";
import { SocketError, TimeoutError } from "../core/errors.js";
import { tell } from "../core/lifecycle.js";
import type { HubEventName, HubObserver } from "./events.js";
import { httpAnswer, looksLikeHttp, looksLikeTls, tlsAlert } from "./foreign.js";
import type { Pace } from "./pace.js";
import { PlainFraming, type PlainFramingOptions, type PlainMessage } from "./plain-framing.js";
import type { Peer, Room } from "./room.js";

/** What all visits share. */
export interface PlainDoor extends PlainFramingOptions {
  readonly room: Room;
  readonly pace: Pace;
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
    door.room.leave(visitor);
  } catch (error) {
    door.room.leave(visitor, error instanceof SocketError ? error.reason : undefined);
    if (visitor.isHere && !signal.aborted) throw error;
  }
}

class Visitor implements Peer {
  readonly #connection: Connection;
  readonly #door: PlainDoor;
  readonly #signal: AbortSignal;
  readonly #framing: PlainFraming;
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
    this.#greetAt = door.clock.now() + door.greetingMs;
  }

  get id(): number {
    return this.#connection.id;
  }

  get remote(): string {
    return this.#connection.remote;
  }

  trySend(bytes: Uint8Array): boolean {
    if (this.#connection.trySend(bytes)) return true;
    if (this.#connection.stats.pendingBytes >= this.#door.sendBufferBytes) return false;
    // Much in one turn of the event loop, or an end that our loop is about to find: neither is a slow reader.
    this.#connection.send(bytes).catch(() => {});
    return true;
  }

  dismiss(how: "bye" | "slow"): void {
    this.isHere = false;
    if (how === "slow") this.#connection.abort("reads too slowly");
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

  async #takeMessages(): Promise<void> {
    for (let next = this.#framing.next(); next !== undefined; next = this.#framing.next()) {
      const said = this.#take(next);
      if (!this.isHere) return;
      const pauseMs = this.#door.pace.said(said, this.#door.clock.now());
      if (pauseMs > 0) await pause(this.#door.clock, pauseMs, this.#signal);
    }
  }

  /** Returns how many bytes the room was sent. */
  #take(message: PlainMessage): number {
    const { room, lineBytesMax, quietMs } = this.#door;
    if (message.kind === "message" && !this.#hasSpoken && looksLikeHttp(message.bytes)) {
      this.#turnAway("http", httpAnswer(this.#connection.local));
      return 0;
    }
    this.#hasSpoken = true;
    this.#enter();
    if (message.kind === "too-long") {
      this.#tell("too-long");
      room.note(this, `that line has more than ${lineBytesMax} bytes, so nobody saw it; send shorter ones`);
      return 0;
    }
    const said = room.take(this, message.bytes);
    if (message.endedBy === "silence" && !this.#toldOfSilence) {
      this.#toldOfSilence = true;
      room.note(
        this,
        `no newline came for ${quietMs} ms, so that was one message; end each with a newline (said once)`,
      );
    }
    return said;
  }

  #enter(): void {
    if (this.#greetAt === undefined) return;
    this.#greetAt = undefined;
    this.#door.room.join(this);
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
