// Calls of `flush` that wait for the peer's acknowledgement.
// Invariant: each is settled once: when all that was sent before it has arrived, or when it never will be known to have.

import type { SocketError } from "../core/errors.js";

interface Waiting {
  readonly upTo: number;
  readonly resolve: () => void;
  readonly reject: (error: SocketError) => void;
}

export class Flushes {
  #waiting: Waiting[] = [];

  wait(upTo: number): Promise<void> {
    return new Promise((resolve, reject) => void this.#waiting.push({ upTo, resolve, reject }));
  }

  acknowledge(upTo: number): void {
    if (this.#waiting.length === 0) return;
    const [due, later] = [[] as Waiting[], [] as Waiting[]];
    for (const waiting of this.#waiting) (waiting.upTo <= upTo ? due : later).push(waiting);
    this.#waiting = later;
    for (const { resolve } of due) resolve();
  }

  fail(error: SocketError): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
