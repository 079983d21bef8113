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

/** Numbers in [0, 1), the same for the same seed: a linear congruence over 2^32, its constants from Numerical Recipes. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
