// A value that changes, and who wants to know: all that the page keeps is in a few of these.
// Invariant: a value is never changed in place; whoever follows is told after each change, once per change.

export class Store<Value> {
  #value: Value;
  readonly #followers = new Set<(value: Value) => void>();

  constructor(value: Value) {
    this.#value = value;
  }

  get value(): Value {
    return this.#value;
  }

  set(value: Value): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const follower of [...this.#followers]) follower(value);
  }

  /** The next value is made of this one. */
  change(make: (value: Value) => Value): void {
    this.set(make(this.#value));
  }

  /** Returns what ends it. */
  follow(follower: (value: Value) => void): () => void {
    this.#followers.add(follower);
    return () => void this.#followers.delete(follower);
  }
}
