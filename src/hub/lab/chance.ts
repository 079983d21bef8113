// Chance that can be had again: one seed, one sequence.
// Source: xorshift with 32 bits and the shifts 13, 17, 5 (Marsaglia, "Xorshift RNGs", 2003).

import type { Random } from "../../core/clock.js";

/** Numbers in [0, 1), the same for the same seed. */
export function chanceOf(seed: number): Random {
  // Never zero, where it would stay for ever; small seeds are spread over all bits.
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x2545f491) | 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  // Seeds beside each other begin beside each other.
  for (let round = 0; round < 8; round += 1) next();
  return next;
}

/** The items in an order of chance. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const order = items.map((item) => ({ item, rank: random() }));
  return order.sort((a, b) => a.rank - b.rank).map(({ item }) => item);
}
