// Counts what the platform's own byte operations do, so that "linear" is a number and not a stopwatch.

export interface Work {
  /** Bytes that `set` moved. */
  readonly copied: number;
  /** Bytes that `indexOf` looked at. */
  readonly searched: number;
}

export function countingWork(body: () => void): Work {
  const { set, indexOf } = Uint8Array.prototype;
  let copied = 0;
  let searched = 0;
  Uint8Array.prototype.set = function (source, offset) {
    copied += source.length;
    set.call(this, source, offset);
  };
  Uint8Array.prototype.indexOf = function (byte, from = 0) {
    const found = indexOf.call(this, byte, from);
    searched += (found === -1 ? this.length : found + 1) - from;
    return found;
  };
  try {
    body();
  } finally {
    // They stand on the parent of every typed array's prototype, which shows again once ours are gone.
    Reflect.deleteProperty(Uint8Array.prototype, "set");
    Reflect.deleteProperty(Uint8Array.prototype, "indexOf");
  }
  return { copied, searched };
}
