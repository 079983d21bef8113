// The plain door: any program with a socket takes part in the room. One visit is one connection's loop.
// Invariant: what a visitor sends is a message once it has ended, and nobody is greeted who speaks another protocol.

import type { Connection } from "../connection/connection.js";
import { TimeoutError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import { looksLikeHttp, looksLikeTls, tlsAlert } from "../protocol/foreign.js";
import { httpAnswer } from "./foreign.js";
import type { News } from "./news.js";
import { PlainFraming, type PlainFramingOptions, type PlainMessage } from "./plain-framing.js";
import { type Hall, type Traffic, Visitor } from "./visitor.js";

/** What all visits share. */
export interface PlainDoor extends Hall, PlainFramingOptions {
  /** How long a visitor may speak first, before it is greeted. */
  readonly greetingMs: number;
  /** What may be queued for a visitor that does not read. */
  readonly sendBufferBytes: number;
  /** Where browsers should go instead; empty: nowhere. */
  readonly pageUrl: () => string;
}

/** One connection's visit, until it ends. Returns when it should be closed. @throws as `receive` does. */
export function visitPlainly(connection: Connection, door: PlainDoor, signal: AbortSignal): Promise<void> {
  return new PlainVisitor(connection, door).visit(signal);
}

class PlainVisitor extends Visitor {
  readonly #connection: Connection;
  readonly #door: PlainDoor;
  readonly #framing: PlainFraming;
  /** Lines that wait for the event loop to turn. */
  #waiting = 0;
  /** When it is greeted if it has said nothing until then; undefined once it is in the room. */
  #greetAt: number | undefined;
  #heardAt: number;
  #hasSpoken = false;
  #toldOfSilence = false;

  constructor(connection: Connection, door: PlainDoor) {
    super(connection, door);
    this.#connection = connection;
    this.#door = door;
    this.#framing = new PlainFraming(door);
    this.#heardAt = door.clock.now();
    this.#greetAt = this.#heardAt + door.greetingMs;
  }

  get id(): number {
    return this.#connection.id;
  }

  get traffic(): Traffic {
    const { bytesReceived, bytesSent, pendingBytes, unreadBytes } = this.#connection.stats;
    const silentMs = Math.round(this.#door.clock.now() - this.#heardAt);
    return { bytesIn: bytesReceived, bytesOut: bytesSent, pendingBytes, unreadBytes, silentMs };
  }

  cut(): void {
    this.#connection.abort("cut from the hub's page");
  }

  protected deliver({ lines: bytes }: News): boolean {
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

  /** Takes what comes, and what does not come in time. */
  protected async listen(signal: AbortSignal): Promise<void> {
    for (let ended = false; this.isHere && !ended; ) {
      const chunk = await this.#nextChunk(signal);
      const now = this.#door.clock.now();
      if (chunk instanceof Uint8Array) this.#heardAt = now;
      if (chunk === "silence") this.#framing.expire(now);
      else if (chunk !== undefined) this.#framing.receive(chunk, now);
      else {
        this.#framing.end();
        ended = true;
      }
      if (!this.#hasSpoken && looksLikeTls(this.#framing.peek())) return this.#turnAway("tls", tlsAlert);
      await this.#takeMessages();
      if (this.isHere && this.#greetAt !== undefined && this.#greetAt <= now && !ended) this.#greet();
    }
  }

  /** Bytes; undefined at their end; `silence` when it is time to look again. */
  async #nextChunk(signal: AbortSignal): Promise<Uint8Array | "silence" | undefined> {
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
      if (this.#speaksHttp(next))
        return this.#turnAway("http", httpAnswer(this.#connection.local, this.#door.pageUrl()));
      this.#greet();
      const turn = this.turn();
      if (turn !== undefined) {
        await turn;
        this.#framing.listen(this.#door.clock.now());
      }
      if (!this.isHere) return;
      this.#take(next);
    }
  }

  #speaksHttp(message: PlainMessage): boolean {
    return message.kind === "message" && !this.#hasSpoken && looksLikeHttp(message.bytes);
  }

  #take(message: PlainMessage): void {
    this.#hasSpoken = true;
    if (message.kind === "too-long") {
      this.refuse();
      return;
    }
    this.say(message.bytes);
    if (message.endedBy === "silence" && !this.#toldOfSilence) {
      this.#toldOfSilence = true;
      const { room, quietMs } = this.#door;
      room.note(
        this,
        `no newline came for ${quietMs} ms, so that was one message; end each with a newline (said once)`,
      );
    }
  }

  #greet(): void {
    if (this.#greetAt === undefined) return;
    this.#greetAt = undefined;
    this.enter();
  }

  /** Another protocol: answers in its own words. The visit is over. */
  #turnAway(name: "http" | "tls", answer: Uint8Array): void {
    this.tell(name);
    this.isHere = false;
    this.#connection.trySend(answer);
  }
}
