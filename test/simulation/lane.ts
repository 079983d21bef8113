// One direction of one stream, as the checker sees it: what was handed over, and what came out at the other end.
// Invariant: whatever comes out is the next that went in; anything else throws at that moment.

import { isPayload, payloadOf } from "./payload.js";

interface Call {
  readonly number: number;
  readonly size: number;
  /** `waiting` until `send` has settled. */
  state: "waiting" | "taken" | "refused";
}

export class Lane {
  readonly id: number;
  /** What it is called in failures. */
  readonly name: string;
  readonly #calls: Call[] = [];
  /** The first that has not come out. */
  #next = 0;
  delivered = 0;
  /** Its sender has ended it in order. */
  isEnded = false;
  /** Given up by one of its ends: what has not come out need not, and nobody counts it. */
  isGivenUp = false;
  /** Its reader has stopped for good. */
  isStalled = false;
  /** Its stream waits to be opened. */
  isOpening = false;
  /** Messages taken before the last flush that succeeded. */
  #flushed = 0;

  constructor(id: number, name: string) {
    this.id = id;
    this.name = name;
  }

  /** Hands over the next message; to be settled by what becomes of it. */
  call(size: number): { readonly bytes: Uint8Array; settle(isTaken: boolean): void } {
    const number = this.#calls.length;
    const call: Call = { number, size, state: "waiting" };
    this.#calls.push(call);
    return {
      bytes: payloadOf(this.id, number, size),
      settle: (isTaken) => {
        if (!isTaken && number < this.#next) this.#fail(`message ${number} came out and its send failed`);
        call.state = isTaken ? "taken" : "refused";
      },
    };
  }

  /** A message has come out. */
  deliver(bytes: Uint8Array): void {
    const call = this.#nextCall();
    if (call === undefined || !isPayload(bytes, this.id, call.number, call.size)) {
      this.#fail(`${this.#recognise(bytes)} came out ${expected(call)}`);
    }
    this.#next = call.number + 1;
    this.delivered += 1;
  }

  /** Taken, or perhaps taken, and not come out. */
  get outstanding(): number {
    let count = 0;
    for (let at = this.#next; at < this.#calls.length; at += 1) {
      if (this.#calls[at]?.state !== "refused") count += 1;
    }
    return count;
  }

  /** Its reader is told that this was all. */
  end(): void {
    if (this.outstanding > 0 && !this.isGivenUp)
      this.#fail(`it ended with ${this.outstanding} messages missing`);
  }

  /** Everything that is taken now. */
  get taken(): number {
    return this.#taken().length;
  }

  /** A flush that began when so many were taken has succeeded. */
  flushed(taken: number): void {
    this.#flushed = Math.max(this.#flushed, taken);
  }

  /** The sender's session ended, and says that the outcome of these is unknown: they must be its last ones. */
  unacknowledged(messages: readonly Uint8Array[]): void {
    const taken = this.#taken();
    const first = taken.length - messages.length;
    if (first < this.#flushed) {
      this.#fail(
        `${messages.length} are said to be unacknowledged, but ${this.#flushed} of ${taken.length} were flushed`,
      );
    }
    messages.forEach((bytes, index) => {
      const call = taken[first + index];
      if (call === undefined || !isPayload(bytes, this.id, call.number, call.size)) {
        this.#fail(`${this.#recognise(bytes)} is said to be unacknowledged ${expected(call)}`);
      }
    });
  }

  #taken(): Call[] {
    return this.#calls.filter(({ state }) => state === "taken");
  }

  #nextCall(): Call | undefined {
    for (let at = this.#next; at < this.#calls.length; at += 1) {
      const call = this.#calls[at];
      if (call?.state !== "refused") return call;
    }
    return undefined;
  }

  #recognise(bytes: Uint8Array): string {
    const known = this.#calls.find(({ number, size }) => isPayload(bytes, this.id, number, size));
    return known === undefined
      ? `something of ${bytes.length} bytes that was never sent`
      : `message ${known.number} (${known.size} bytes, ${known.state})`;
  }

  #fail(what: string): never {
    throw new Error(`${this.name}: ${what}`);
  }
}

function expected(call: Call | undefined): string {
  return call === undefined
    ? "where nothing was left"
    : `instead of message ${call.number} (${call.size} bytes, ${call.state})`;
}
