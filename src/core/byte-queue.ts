// Bytes that have arrived and have not been cut yet: appended as they come, taken as frames.
// Invariant: what is unread lies in one piece, so every frame is a subarray; what was handed out is never
// written to again; and n bytes cost O(n) in all, however small the pieces they come in.

const none = new Uint8Array(0);

export class ByteQueue {
  #slab: Uint8Array = none;
  #start = 0;
  #end = 0;

  /** Unread bytes. */
  get size(): number {
    return this.#end - this.#start;
  }

  /** Copies `view` in; the caller may overwrite it at once. */
  append(view: Uint8Array): void {
    const added = view.length;
    if (this.#start === this.#end) {
      // Nothing is waiting: exactly as much as came, so that an idle connection holds nothing.
      this.#slab = copyOf(view);
      this.#start = 0;
      this.#end = added;
      return;
    }
    if (this.#end + added > this.#slab.length) this.#grow(added);
    this.#slab.set(view, this.#end);
    this.#end += added;
  }

  /** The next `count` bytes, which are the caller's from now on. There must be that many. */
  take(count: number): Uint8Array {
    const start = this.#start;
    this.#start = start + count;
    const taken = this.#slab.subarray(start, this.#start);
    if (this.#start === this.#end) this.#release();
    return taken;
  }

  /** Drops the next `count` bytes. There must be that many. */
  skip(count: number): void {
    this.#start += count;
    if (this.#start === this.#end) this.#release();
  }

  /** Takes back the last `count` bytes that were appended. There must be that many unread. */
  truncate(count: number): void {
    this.#end -= count;
    if (this.#start === this.#end) this.#release();
  }

  /** The next `size` bytes as an unsigned number, without taking them. There must be that many. */
  peekUint(size: 1 | 2 | 4, little: boolean): number {
    const slab = this.#slab;
    const start = this.#start;
    const a = slab[start] ?? 0;
    let value = a;
    if (size > 1) {
      const b = slab[start + 1] ?? 0;
      value = little ? (b << 8) | a : (a << 8) | b;
    }
    if (size > 2) {
      const c = slab[start + 2] ?? 0;
      const d = slab[start + 3] ?? 0;
      // Multiplied, not shifted: a shift would make the highest bit a sign.
      value = little ? ((d << 8) | c) * 0x10000 + value : value * 0x10000 + ((c << 8) | d);
    }
    return value;
  }

  /** The unread byte at `index`, counted from the next one. */
  at(index: number): number {
    return this.#slab[this.#start + index] ?? 0;
  }

  /** Where `byte` stands at or behind `from`, counted from the next unread byte; -1 if nowhere. */
  indexOf(byte: number, from: number): number {
    // Room behind the end must not be searched: one byte at a time, that alone would be quadratic.
    const searched = this.#end === this.#slab.length ? this.#slab : this.#slab.subarray(0, this.#end);
    const found = searched.indexOf(byte, this.#start + from);
    return found === -1 ? -1 : found - this.#start;
  }

  /** The unread bytes as they lie, without taking them; valid until the queue is used again. */
  peek(): Uint8Array {
    return this.#slab.subarray(this.#start, this.#end);
  }

  /** Moves what is unread into a slab with room for `added` more; doubling keeps the moves linear in all. */
  #grow(added: number): void {
    const unread = this.#end - this.#start;
    const slab = new Uint8Array(Math.max(unread + added, 2 * unread));
    slab.set(this.#slab.subarray(this.#start, this.#end));
    this.#slab = slab;
    this.#start = 0;
    this.#end = unread;
  }

  #release(): void {
    this.#slab = none;
    this.#start = 0;
    this.#end = 0;
  }
}

/** A plain `Uint8Array` even of a `Buffer`, whose own `slice` would share its memory. */
function copyOf(view: Uint8Array): Uint8Array {
  return new Uint8Array(view);
}
