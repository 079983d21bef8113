// Streams that the peer has opened and nobody has taken yet.
// Invariant: one that the peer aborts meanwhile is gone with all that it brought, so opening and aborting fills nothing.

import { BusyError } from "../core/errors.js";

export class ArrivedStreams<Stream extends object> {
  readonly #streams = new Set<Stream>();
  #waiting: ((stream: Stream | undefined) => void) | undefined;
  #isOver = false;

  push(stream: Stream): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) waiting(stream);
    else if (!this.#isOver) this.#streams.add(stream);
  }

  /** True if it was here still. */
  drop(stream: Stream): boolean {
    return this.#streams.delete(stream);
  }

  /** No more come; those that are here are still taken. */
  end(): void {
    this.#isOver = true;
    this.#waiting?.(undefined);
    this.#waiting = undefined;
  }

  /** One by one, to one reader at a time. Leaving the loop leaves the rest here. */
  iterate(): AsyncIterableIterator<Stream, undefined> {
    const iterator: AsyncIterableIterator<Stream, undefined> = {
      next: async () => {
        const value = await this.#take();
        return value === undefined ? done : { done: false, value };
      },
      return: async () => done,
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  #take(): Promise<Stream | undefined> {
    for (const stream of this.#streams) {
      this.#streams.delete(stream);
      return Promise.resolve(stream);
    }
    if (this.#isOver) return Promise.resolve(undefined);
    if (this.#waiting !== undefined) {
      return Promise.reject(
        new BusyError("another reader waits for streams already", { advice: "use one reader" }),
      );
    }
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }
}

const done: { readonly done: true; readonly value: undefined } = { done: true, value: undefined };
