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
  /** As it was when it came: a payload whose memory is taken from it meanwhile must not spoil the count. */
  readonly size: number;
  readonly promise: Promise<void>;
  readonly settle: { readonly resolve: () => void; readonly reject: (reason: unknown) => void };
  /** Takes its listener off the caller's signal. */
  unlisten?: () => void;
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
    const size = frame.header.length + frame.payload.length + frame.trailer.length;
    const bytes = this.bytes + size;
    const context = { op: "send", endpoint: this.#endpoint, advice: "await each send" };
    if (count > sendCallsMax)
      return Promise.reject(new LimitError("sendCallsMax", count, sendCallsMax, context));
    if (count > 1 && bytes > sendBufferBytes) {
      return Promise.reject(new LimitError("sendBufferBytes", bytes, sendBufferBytes, context));
    }
    const settle = { resolve: () => {}, reject: (_reason: unknown) => {} };
    const promise = new Promise<void>((resolve, reject) => Object.assign(settle, { resolve, reject }));
    const send: WaitingSend = { ...frame, size, promise, settle };
    if (signal !== undefined) send.unlisten = this.#listen(send, signal);
    this.#sends.push(send);
    this.bytes = bytes;
    return promise;
  }

  /** The next one's frame; its call resolves. */
  shift(): FrameParts | undefined {
    const send = this.#sends.shift();
    if (send === undefined) return undefined;
    this.bytes -= send.size;
    // At once: a signal that fires before the caller knows must not find it.
    send.unlisten?.();
    send.settle.resolve();
    return send;
  }

  /** Rejects all. Nobody need see it: the connection's `closed` tells the same. */
  fail(error: SocketError): void {
    this.bytes = 0;
    for (const { promise, settle, unlisten } of this.#sends.splice(0)) {
      unlisten?.();
      promise.catch(() => {});
      settle.reject(error);
    }
  }

  #listen(send: WaitingSend, signal: AbortSignal): () => void {
    const abort = () => {
      this.#sends.splice(this.#sends.indexOf(send), 1);
      this.bytes -= send.size;
      send.settle.reject(signal.reason);
      this.#onAborted();
    };
    signal.addEventListener("abort", abort, { once: true });
    return () => signal.removeEventListener("abort", abort);
  }
}
