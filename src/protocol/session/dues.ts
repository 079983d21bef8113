// What is to be said besides messages: ACK, CREDIT, PING, PONG, GOAWAY, CLOSE, CLOSE_ACK. Each is the latest state when
// it is written, and never a queue.
// Invariant: what is due is said within `ackDelayMs`, or with the next write, whichever comes first.

import type { Flow } from "./flow.js";
import {
  ackBytes,
  creditBytes,
  type FrameName,
  frameTypes,
  headerBytes,
  pingBytes,
  writeHeader,
  writeUint64,
} from "./frames.js";

const none = new Uint8Array(0);

export class Dues {
  readonly #ackDelayMs: number;
  /** Something must go out now, with or without messages. */
  isUrgent = false;
  /** When what may wait must go. */
  #at = Number.POSITIVE_INFINITY;
  #received: number | undefined;
  readonly #credits = new Set<Flow>();
  #ping: Uint8Array | undefined;
  #pong: Uint8Array | undefined;
  #goAway: Uint8Array | undefined;
  #close: Uint8Array | undefined;
  #closeAck = false;

  constructor(ackDelayMs: number) {
    this.#ackDelayMs = ackDelayMs;
  }

  /** When something becomes urgent; what is so already waits for nothing but the link. */
  get deadline(): number {
    return this.isUrgent ? Number.POSITIVE_INFINITY : this.#at;
  }

  ack(received: number, now: number): void {
    this.#received = received;
    this.#within(now);
  }

  credit(flow: Flow, now: number): void {
    if (!flow.isCreditDue) {
      flow.isCreditDue = true;
      this.#credits.add(flow);
      this.#within(now);
    }
    if (flow.isCreditUrgent) this.isUrgent = true;
  }

  /** The peer has ended this stream: it needs no credit any more. */
  forgetCredit(flow: Flow): void {
    flow.isCreditDue = false;
    this.#credits.delete(flow);
    if (this.bytes === 0) this.restart();
  }

  ping(token: Uint8Array): void {
    this.#ping = token;
    this.isUrgent = true;
  }

  pong(token: Uint8Array): void {
    this.#pong = token;
    this.isUrgent = true;
  }

  goAway(words: Uint8Array): void {
    this.#goAway = words;
    this.isUrgent = true;
  }

  close(words: Uint8Array): void {
    this.#close = words;
    this.isUrgent = true;
  }

  closeAck(): void {
    this.#closeAck = true;
    this.isUrgent = true;
  }

  /** A new link: what was said to the old one alone is not due any more. */
  restart(): void {
    this.isUrgent = false;
    this.#at = Number.POSITIVE_INFINITY;
    this.#received = undefined;
    for (const flow of this.#credits) flow.isCreditDue = false;
    this.#credits.clear();
    this.#ping = undefined;
    this.#pong = undefined;
    this.#closeAck = false;
  }

  get bytes(): number {
    let bytes = this.#credits.size * (headerBytes + creditBytes);
    if (this.#received !== undefined) bytes += headerBytes + ackBytes;
    for (const payload of [this.#ping, this.#pong, this.#goAway, this.#close]) {
      if (payload !== undefined) bytes += headerBytes + payload.length;
    }
    return this.#closeAck ? bytes + headerBytes : bytes;
  }

  /** Writes all of it at the beginning of `memory`; none of it is due then. ACK first, CLOSE and CLOSE_ACK last. */
  writeTo(memory: Uint8Array): void {
    let at = 0;
    const put = (name: FrameName, payload: Uint8Array, stream = 0) => {
      writeHeader(memory, at, frameTypes[name], payload.length, stream, 0);
      memory.set(payload, at + headerBytes);
      at += headerBytes + payload.length;
    };
    if (this.#received !== undefined) {
      writeUint64(scratch, 0, this.#received);
      put("ack", scratch.subarray(0, ackBytes));
    }
    for (const flow of this.#credits) {
      const { bytesAllowed, messagesTaken } = flow.tell();
      writeUint64(scratch, 0, bytesAllowed);
      writeUint64(scratch, 8, messagesTaken);
      put("credit", scratch, flow.id);
    }
    if (this.#ping !== undefined) put("ping", this.#ping);
    if (this.#pong !== undefined) put("pong", this.#pong);
    if (this.#goAway !== undefined) put("goAway", this.#goAway);
    if (this.#close !== undefined) put("close", this.#close);
    if (this.#closeAck) put("closeAck", none);
    this.restart();
    this.#goAway = undefined;
    this.#close = undefined;
  }

  #within(now: number): void {
    this.#at = Math.min(this.#at, now + this.#ackDelayMs);
  }
}

const scratch = new Uint8Array(Math.max(creditBytes, ackBytes, pingBytes));
