// A bounded queue between something that pushes and one reader that awaits.
// Invariant: at most `capacity` items wait; items queued before the end are still read after it.

import { BusyError } from "./errors.js";

export interface TakeOptions {
  /** Ends the wait only: an item that comes later is kept for the next `take`. */
  readonly signal?: AbortSignal | undefined;
}

export class AsyncQueue<T> implements AsyncIterable<T> {
  readonly #capacity: number;
  #items: T[] = [];
  #head = 0;
  #ended = false;
  #error: unknown;
  #waiting: { resolve(item: T | undefined): void; reject(error: unknown): void } | undefined;

  constructor(capacity: number = Number.POSITIVE_INFINITY) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#items.length - this.#head;
  }

  /** False when the queue is full or has ended: the item was not taken. */
  push(item: T): boolean {
    if (this.#ended) return false;
    if (this.#waiting !== undefined) {
      const { resolve } = this.#waiting;
      this.#waiting = undefined;
      resolve(item);
      return true;
    }
    if (this.size >= this.#capacity) return false;
    this.#items.push(item);
    return true;
  }

  /** The next item if there is one now. */
  poll(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#head] as T;
    this.#items[this.#head] = undefined as T;
    this.#head += 1;
    // Moving the rest down only when half is gone keeps a long queue linear.
    if (this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** The next item; undefined once the queue has ended. @throws BusyError if another reader waits already. */
  take({ signal }: TakeOptions = {}): Promise<T | undefined> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.size > 0) return Promise.resolve(this.poll());
    if (this.#ended)
      return this.#error === undefined ? Promise.resolve(undefined) : Promise.reject(this.#error);
    if (this.#waiting !== undefined) {
      return Promise.reject(new BusyError("another reader waits already", { advice: "use one reader" }));
    }
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting = undefined;
        reject(signal?.reason);
      };
      this.#waiting = {
        resolve: (item) => {
          signal?.removeEventListener("abort", abort);
          resolve(item);
        },
        reject: (error) => {
          signal?.removeEventListener("abort", abort);
          reject(error);
        },
      };
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  /** No more items. Those queued are still read, then `undefined`, or `error` if one is given. */
  end(error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (error === undefined) waiting?.resolve(undefined);
    else waiting?.reject(error);
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    return {
      next: async () => {
        const value = await this.take();
        return value === undefined ? { done: true, value } : { done: false, value };
      },
      return: async () => ({ done: true, value: undefined }),
    };
  }
}
