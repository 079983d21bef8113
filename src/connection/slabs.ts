// Memory for bytes on their way out, shared by all connections of the process.
// Invariant: a connection holds a slab only between its first send of a turn and the end of that write.

const smallBytes = 4 * 1024;
/** The most that goes out in one write: measured best for the loopback and for real links. */
export const slabBytes: number = 64 * 1024;

/** Slabs that wait to be used again; more than these would be memory kept for a burst that is over. */
const keptMax = 64;
const { Buffer } = globalThis as { readonly Buffer?: typeof globalThis.Buffer };
/** Browsers have no Buffer, and clear what they give. */
const allocate: (bytes: number) => Uint8Array =
  Buffer?.allocUnsafeSlow ?? ((bytes: number) => new Uint8Array(bytes));
const smallSlabs: Uint8Array[] = [];
const largeSlabs: Uint8Array[] = [];

/**
 * A slab for `expected` bytes or more. It begins small: in a broadcast every connection holds one at the same time.
 * Unsafe memory, since only what was written to it is ever sent; and a Buffer, which Node writes without wrapping it.
 */
export function takeSlab(expected: number): Uint8Array {
  return expected <= smallBytes
    ? (smallSlabs.pop() ?? allocate(smallBytes))
    : (largeSlabs.pop() ?? allocate(slabBytes));
}

/** Nothing may refer to `slab` any more. */
export function giveSlab(slab: Uint8Array): void {
  const kept = slab.length === smallBytes ? smallSlabs : largeSlabs;
  if (kept.length < keptMax) kept.push(slab);
}
