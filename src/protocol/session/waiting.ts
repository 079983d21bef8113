// Sends that wait for credit or for room in the outbox.
// Invariant: on one stream they go in the order in which they came; among streams whose first one has credit, room goes
// to whichever came first. So a large message is never passed by for ever, and a stream without credit holds up none.

import type { Flow } from "./flow.js";
import { frameTypes } from "./frames.js";

/** One frame that is not in the outbox yet. Its bytes stay as they are until then. */
export interface WaitingSend {
  readonly flow: Flow;
  readonly type: number;
  readonly first: Uint8Array;
  readonly second: Uint8Array;
  /** Bytes that count as a message's; undefined if the frame has none. */
  readonly messageBytes: number | undefined;
  /** It is in the outbox now, or never will be. */
  readonly onTaken: () => void;
  readonly onFailed: (error: Error) => void;
}

export class WaitingRoom {
  readonly #orders = new WeakMap<WaitingSend, number>();
  #lastOrder = 0;
  /** Streams whose first waiting send has credit, by when that came. */
  readonly #ready: Flow[] = [];
  /** Sends in all. */
  size = 0;

  /** Whether somebody waits for room alone. */
  get isForRoom(): boolean {
    return this.#ready.length > 0;
  }

  /** The send that is next in line for room. */
  get first(): WaitingSend | undefined {
    return this.#ready[0]?.waiting[0];
  }

  add(send: WaitingSend): void {
    this.#lastOrder += 1;
    this.#orders.set(send, this.#lastOrder);
    this.size += 1;
    if (send.flow.waiting.push(send) === 1) this.consider(send.flow);
  }

  /** Takes the first one out. */
  shift(): WaitingSend | undefined {
    const flow = this.#ready.shift();
    const send = flow?.waiting.shift();
    if (flow !== undefined) {
      this.size -= 1;
      this.consider(flow);
    }
    return send;
  }

  /** Its caller wants it no more. False if it is not here: it was taken already. */
  remove(send: WaitingSend): boolean {
    const { flow } = send;
    const index = flow.waiting.indexOf(send);
    if (index === -1) return false;
    this.#forget(flow);
    flow.waiting.splice(index, 1);
    this.size -= 1;
    this.consider(flow);
    return true;
  }

  /** None of the stream's will be sent. */
  fail(flow: Flow, error: Error): void {
    this.#forget(flow);
    const failed = flow.waiting.splice(0);
    this.size -= failed.length;
    for (const send of failed) send.onFailed(error);
  }

  /** Its first send may have credit now. */
  consider(flow: Flow): void {
    const [send] = flow.waiting;
    if (send === undefined || this.#ready.includes(flow)) return;
    const { messageBytes } = send;
    if (messageBytes !== undefined && !flow.hasCredit(messageBytes)) return;
    const order = this.#orderOf(flow);
    // END needs no room, so it waits for nobody's.
    let at = send.type === frameTypes.end ? 0 : this.#ready.length;
    while (at > 0 && this.#orderOf(this.#ready[at - 1]) > order) at -= 1;
    this.#ready.splice(at, 0, flow);
  }

  #orderOf(flow: Flow | undefined): number {
    const send = flow?.waiting[0];
    if (send === undefined || send.type === frameTypes.end) return 0;
    return this.#orders.get(send) ?? 0;
  }

  #forget(flow: Flow): void {
    const index = this.#ready.indexOf(flow);
    if (index !== -1) this.#ready.splice(index, 1);
  }
}
