// The way out: what enters the outbox, and what must wait for credit or room before it may.
// Invariant: a message gets its number when its stream has credit for all of it and the outbox room for all of it, and
// not before.

import type { Flow, Words } from "./flow.js";
import { frameTypes, lastFlag } from "./frames.js";
import type { Outbox } from "./outbox.js";
import { WaitingRoom, type WaitingSend } from "./waiting.js";
import { encodeAbort } from "./words.js";

/** What a frame carries; `messageBytes` is undefined for one without a message. */
export type Sending = Pick<WaitingSend, "flow" | "type" | "first" | "second" | "messageBytes">;

const none = new Uint8Array(0);

export class Outgoing {
  readonly #outbox: Outbox;
  readonly #waiting = new WaitingRoom();

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  /** Sends that wait, in all. */
  get waitingSize(): number {
    return this.#waiting.size;
  }

  /** Whether a message of this size would be taken now: nobody is passed by. */
  hasRoom(flow: Flow, messageBytes: number): boolean {
    return (
      flow.waiting.length === 0 &&
      flow.hasCredit(messageBytes) &&
      !this.#waiting.isForRoom &&
      this.#outbox.hasRoom(messageBytes)
    );
  }

  /** Takes a frame for which there is credit and room. */
  take({ flow, type, first, second, messageBytes }: Sending): void {
    if (messageBytes !== undefined) flow.spend(messageBytes);
    this.#outbox.append(type, flow.id, first, second);
    // Whatever comes first is its OPEN.
    flow.isOpened = true;
    if (type === frameTypes.end || (type & lastFlag) !== 0) flow.endSending();
  }

  /** The same for a message, as most frames are: no object is made for it. */
  takeMessage(flow: Flow, payload: Uint8Array, isLast: boolean): void {
    flow.spend(payload.length);
    this.#outbox.append(isLast ? frameTypes.data | lastFlag : frameTypes.data, flow.id, payload, none);
    if (isLast) flow.endSending();
  }

  /** Takes a frame as soon as there is credit and room; perhaps at once. */
  wait(send: WaitingSend): void {
    this.#waiting.add(send);
    this.admit();
  }

  /** False if it was taken, or has failed, already. What waits behind an OPEN fails with it. */
  cancel(send: WaitingSend): boolean {
    const isRemoved = this.#waiting.remove(send);
    if (isRemoved && isOpen(send)) this.#waiting.fail(send.flow, new Error("the stream was not opened"));
    if (isRemoved) this.admit();
    return isRemoved;
  }

  /** Credit has come for this stream. */
  onCredit(flow: Flow): void {
    this.#waiting.consider(flow);
    this.admit();
  }

  /** Takes what there is room for now. */
  admit(): void {
    for (let send = this.#waiting.first; send !== undefined; send = this.#waiting.first) {
      const needsRoom = send.type !== frameTypes.end;
      if (needsRoom && !this.#outbox.hasRoom(send.first.length + send.second.length)) return;
      this.take(send);
      this.#waiting.shift();
      send.onTaken();
    }
  }

  /** None of what waits on this stream will be sent. */
  fail(flow: Flow, error: Error): void {
    this.#waiting.fail(flow, error);
  }

  /** ABORT, unless our direction has said so already. */
  sayAbort(flow: Flow, words: Words): void {
    if (flow.isAbortSaid) return;
    flow.isAbortSaid = true;
    this.#outbox.append(frameTypes.abort, flow.id, encodeAbort(words), none);
    if (flow.sending === "open") flow.endSending();
  }
}

export function isOpen({ type }: WaitingSend): boolean {
  return (type & ~lastFlag) === frameTypes.open;
}
