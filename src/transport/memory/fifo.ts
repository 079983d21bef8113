// A queue whose first entry costs the same to take however many stand behind it.
// Invariant: what was taken is not held on to.

export class Fifo<T> {
  #entries: (T | undefined)[] = [];
  #start = 0;

  get size(): number {
    return this.#entries.length - this.#start;
  }

  get first(): T | undefined {
    return this.#entries[this.#start];
  }

  push(entry: T): void {
    this.#entries.push(entry);
  }

  /** What is left of the first entry, in its place. */
  replaceFirst(rest: T): void {
    this.#entries[this.#start] = rest;
  }

  shift(): T | undefined {
    const first = this.first;
    if (this.#start < this.#entries.length) this.#entries[this.#start++] = undefined;
    if (this.#start >= 1024 && this.#start * 2 >= this.#entries.length) {
      this.#entries = this.#entries.slice(this.#start);
      this.#start = 0;
    } else if (this.size === 0) this.clear();
    return first;
  }

  clear(): void {
    this.#entries = [];
    this.#start = 0;
  }
}
