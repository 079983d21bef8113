// One stream's counters in both directions: what may be sent, what has arrived, and what each side knows of it.
// Invariant: nothing is sent beyond what the peer allowed, and nothing is taken in beyond what we did; so what a peer
// can make us hold is what we allowed it, however slow our reader is.

import { ByteQueue } from "../../core/byte-queue.js";
import { costOf } from "./outbox.js";
import { type DirectionState, directionTable, next } from "./states.js";
import { invariant, Violation } from "./violation.js";
import type { WaitingSend } from "./waiting.js";

export interface FlowOptions {
  readonly id: number;
  readonly name: string;
  /** JSON; undefined if there was none. */
  readonly metadata: unknown;
  readonly isOurs: boolean;
  /** What the peer allows at the beginning, and what we do. */
  readonly allowedByPeer: number;
  readonly allowedToPeer: number;
}

/** Why a stream was aborted: a word for programs, a text for people. */
export interface Words {
  readonly code: string;
  readonly reason: string;
}

export class Flow {
  readonly id: number;
  readonly name: string;
  readonly metadata: unknown;
  readonly isOurs: boolean;

  /** Its OPEN has a number, or it needs none: the peer knows of this stream, or will. */
  isOpened: boolean;

  /** Our direction. */
  sending: DirectionState = "open";
  messagesSent = 0;
  /** Of those, taken by the peer's reader at its last word. */
  messagesTakenByPeer = 0;
  /** Sends that wait for credit or room, oldest first. */
  readonly waiting: WaitingSend[] = [];
  readonly #allowedAtFirst: number;
  #allowed: number;
  #spent = 0;

  /** The peer's direction. */
  receiving: DirectionState = "open";
  /** Arrived and not taken: DATA frames as on the wire, the last of them perhaps not whole yet. */
  readonly input: ByteQueue = new ByteQueue();
  /** Bytes at the end of `input` that belong to a frame which is not whole. */
  incompleteBytes = 0;
  messagesReceived = 0;
  /** What still comes is counted and dropped: nobody will read it. */
  isDiscarding = false;
  /** We have aborted, or answered the peer's ABORT. */
  isAbortSaid = false;
  /** Set once the peer has aborted. */
  abortedByPeer: Words | undefined;
  /** CREDIT is due for it. */
  isCreditDue = false;
  readonly #creditBytes: number;
  #arrived = 0;
  #taken = 0;
  #told = 0;
  #messagesTaken = 0;

  constructor(options: FlowOptions) {
    this.id = options.id;
    this.name = options.name;
    this.metadata = options.metadata;
    this.isOurs = options.isOurs;
    this.isOpened = !options.isOurs || options.id === 0;
    this.#allowedAtFirst = options.allowedByPeer;
    this.#allowed = options.allowedByPeer;
    this.#creditBytes = options.allowedToPeer;
  }

  get isOver(): boolean {
    return this.sending === "over" && this.receiving === "over";
  }

  /** Whole bytes of `input`. */
  get readableBytes(): number {
    return this.input.size - this.incompleteBytes;
  }

  hasCredit(payloadBytes: number): boolean {
    return this.#spent + costOf(payloadBytes) <= this.#allowed;
  }

  /** A message of ours is on its way. */
  spend(payloadBytes: number): void {
    this.#spent += costOf(payloadBytes);
    this.messagesSent += 1;
    invariant(this.#spent <= this.#allowed, "a message was sent without credit");
  }

  /** CREDIT. @throws Violation if it falls, or tells of more than was sent. */
  allow(bytesAllowed: number, messagesTaken: number): void {
    if (bytesAllowed < this.#allowed || messagesTaken < this.messagesTakenByPeer) {
      throw new Violation("credit", "credit was taken back");
    }
    if (messagesTaken > this.messagesSent || bytesAllowed - this.#allowedAtFirst > this.#spent) {
      throw new Violation("credit", "more was taken than was sent");
    }
    this.#allowed = bytesAllowed;
    this.messagesTakenByPeer = messagesTaken;
  }

  /** Sent and not taken by the peer's reader, at its last word; at their cost. */
  get untaken(): { readonly messages: number; readonly bytes: number } {
    const bytes = this.#spent - (this.#allowed - this.#allowedAtFirst);
    return { messages: this.messagesSent - this.messagesTakenByPeer, bytes };
  }

  endSending(): void {
    this.sending = next(directionTable, this.sending, "last frame sent");
  }

  sendingOver(): void {
    this.sending = next(directionTable, this.sending, "last frame acknowledged");
  }

  /** The peer's last frame: received is as good as acknowledged. */
  receivingOver(): void {
    this.receiving = "over";
  }

  /** Whether the peer may send a message of this size now. */
  mayArrive(payloadBytes: number): boolean {
    return this.#arrived + costOf(payloadBytes) <= this.#creditBytes + this.#taken;
  }

  /** A message has arrived whole. */
  arrive(payloadBytes: number): void {
    this.#arrived += costOf(payloadBytes);
    this.messagesReceived += 1;
  }

  /** The reader has taken a message. */
  take(payloadBytes: number): void {
    this.#taken += costOf(payloadBytes);
    this.#messagesTaken += 1;
    invariant(this.#taken <= this.#arrived, "more was taken than had arrived");
  }

  /** What the peer does not know that it may send. */
  get owedBytes(): number {
    return this.#taken - this.#told;
  }

  /** Owed so much that the peer must be told at once. */
  get isCreditUrgent(): boolean {
    return this.owedBytes * 4 >= this.#creditBytes;
  }

  /** For CREDIT: what is allowed, and how many messages were taken. From now on the peer is taken to know it. */
  tell(): { readonly bytesAllowed: number; readonly messagesTaken: number } {
    this.#told = this.#taken;
    this.isCreditDue = false;
    return { bytesAllowed: this.#creditBytes + this.#taken, messagesTaken: this.#messagesTaken };
  }

  /** Nobody will read what is here. */
  dropInput(): void {
    this.input.skip(this.input.size);
    this.incompleteBytes = 0;
  }

  /** The link broke inside a frame: what came of it has not arrived. */
  dropIncomplete(): void {
    this.input.truncate(this.incompleteBytes);
    this.incompleteBytes = 0;
  }
}
