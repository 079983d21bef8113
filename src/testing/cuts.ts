// Input cut as a network cuts it, and chance that can be had again.
// Invariant: the pieces of a cut, joined, are the input.

export type Cut = (wire: Uint8Array) => Uint8Array[];

export const cutNowhere: Cut = (wire) => (wire.length === 0 ? [] : [wire]);

export const cutEverywhere: Cut = (wire) => [...wire].map((byte) => Uint8Array.of(byte));

/** Pieces of one byte to many: small ones are as likely as large ones. */
export function cutAnywhere(random: () => number): Cut {
  return (wire) => {
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < wire.length; ) {
      const size = Math.ceil(2 ** (random() * 8));
      pieces.push(wire.subarray(at, at + size));
      at += size;
    }
    return pieces;
  };
}

export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

export function pick<T>(random: () => number, choices: readonly T[]): T | undefined {
  return choices[Math.floor(random() * choices.length)];
}

/** Numbers in [0, 1), the same for the same seed: a counter, mixed as SplitMix does (Steele, Lea and Flood, 2014). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}
