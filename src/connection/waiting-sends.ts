// Sends that wait for room, first in, first out.
// Invariant: each is resolved, rejected or aborted exactly once; an aborted one is gone as if it had never been.

import { LimitError, type SocketError } from "../core/errors.js";

/** One frame in its three parts, so that nothing is joined before it is copied out. */
export interface FrameParts {
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
  readonly trailer: Uint8Array;
}

interface WaitingSend extends FrameParts {
  readonly promise: Promise<void>;
  readonly settle: { readonly resolve: () => void; readonly reject: (reason: unknown) => void };
}

export interface WaitingLimits {
  readonly sendBufferBytes: number;
  readonly sendCallsMax: number;
}

export class WaitingSends {
  readonly #limits: WaitingLimits;
  readonly #endpoint: string;
  readonly #onAborted: () => void;
  readonly #sends: WaitingSend[] = [];
  bytes = 0;

  constructor(limits: WaitingLimits, endpoint: string, onAborted: () => void) {
    this.#limits = limits;
    this.#endpoint = endpoint;
    this.#onAborted = onAborted;
  }

  get count(): number {
    return this.#sends.length;
  }

  /** @throws LimitError (as a rejection) beyond the bounds; the first one may always wait, however large. */
  add(frame: FrameParts, signal: AbortSignal | undefined): Promise<void> {
    const { sendBufferBytes, sendCallsMax } = this.#limits;
    const count = this.#sends.length + 1;
    const bytes = this.bytes + sizeOf(frame);
    const context = { op: "send", endpoint: this.#endpoint, advice: "await each send" };
    if (count > sendCallsMax)
      return Promise.reject(new LimitError("sendCallsMax", count, sendCallsMax, context));
    if (count > 1 && bytes > sendBufferBytes) {
      return Promise.reject(new LimitError("sendBufferBytes", bytes, sendBufferBytes, context));
    }
    const settle = { resolve: () => {}, reject: (_reason: unknown) => {} };
    const promise = new Promise<void>((resolve, reject) => Object.assign(settle, { resolve, reject }));
    const send = { ...frame, promise, settle };
    this.#sends.push(send);
    this.bytes = bytes;
    if (signal !== undefined) this.#abortWith(send, signal);
    return promise;
  }

  /** The next one's frame; its call resolves. */
  shift(): FrameParts | undefined {
    const send = this.#sends.shift();
    if (send === undefined) return undefined;
    this.bytes -= sizeOf(send);
    send.settle.resolve();
    return send;
  }

  /** Rejects all. Nobody need see it: the connection's `closed` tells the same. */
  fail(error: SocketError): void {
    this.bytes = 0;
    for (const { promise, settle } of this.#sends.splice(0)) {
      promise.catch(() => {});
      settle.reject(error);
    }
  }

  #abortWith(send: WaitingSend, signal: AbortSignal): void {
    const abort = () => {
      this.#sends.splice(this.#sends.indexOf(send), 1);
      this.bytes -= sizeOf(send);
      send.settle.reject(signal.reason);
      this.#onAborted();
    };
    signal.addEventListener("abort", abort, { once: true });
    const settled = () => signal.removeEventListener("abort", abort);
    send.promise.then(settled, settled);
  }
}

function sizeOf({ header, payload, trailer }: FrameParts): number {
  return header.length + payload.length + trailer.length;
}
