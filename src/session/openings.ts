// Calls of `open` that wait until the peer takes one more stream.
// Invariant: first come, first served; a call that is given up leaves no stream behind.

import { LimitError, type SocketError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import type { Flow } from "../protocol/session/flow.js";
import type { Streams } from "../protocol/session/streams.js";

interface Opening {
  readonly name: string;
  readonly metadata: unknown;
  readonly resolve: (flow: Flow) => void;
  readonly reject: (error: unknown) => void;
}

export class Openings {
  readonly #streams: Streams;
  readonly #waiting: Opening[] = [];
  /** What those who wait hold. */
  #bytes = 0;

  constructor(streams: Streams) {
    this.#streams = streams;
  }

  /**
   * A stream that the peer will take, which must be said or released.
   * @param bytes What the caller holds for it meanwhile.
   * @throws LimitError (as a rejection) if too many wait; the first may always.
   */
  take(name: string, metadata: unknown, bytes: number, signal: AbortSignal | undefined): Promise<Flow> {
    if (this.#waiting.length === 0 && this.#streams.mayOpen) {
      return Promise.resolve(this.#streams.open(name, metadata));
    }
    const problem = this.#tooMany(bytes);
    if (problem !== undefined) return Promise.reject(problem);
    this.#bytes += bytes;
    return new Promise((resolve, reject) => {
      const abort = () => {
        const index = this.#waiting.indexOf(opening);
        if (index === -1) return;
        this.#waiting.splice(index, 1);
        settle();
        reject(signal?.reason);
      };
      const settle = () => {
        this.#bytes -= bytes;
        signal?.removeEventListener("abort", abort);
      };
      const opening: Opening = {
        name,
        metadata,
        resolve: (flow) => {
          settle();
          resolve(flow);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#waiting.push(opening);
    });
  }

  #tooMany(bytes: number): LimitError | undefined {
    const { sendCallsMax, sendBufferBytes } = limits;
    const count = this.#waiting.length + 1;
    const context = { op: "open", advice: "await each open, and end streams that are done" };
    if (count > sendCallsMax) return new LimitError("sendCallsMax", count, sendCallsMax, context);
    const held = this.#bytes + bytes;
    if (count === 1 || held <= sendBufferBytes) return undefined;
    return new LimitError("sendBufferBytes", held, sendBufferBytes, context);
  }

  /** A stream may be free now. */
  admit(): void {
    while (this.#streams.mayOpen) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      next.resolve(this.#streams.open(next.name, next.metadata));
    }
  }

  fail(error: SocketError): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
