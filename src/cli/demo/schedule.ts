// When to cut, and how: all of it from one seed.
// Invariant: two schedules of one seed are the same, whatever the network and the messages do meanwhile.

import { type CutKind, chanceOf, cutKinds, shuffled } from "../../hub.js";

export interface PlannedCut {
  /** The pause before it. */
  readonly afterMs: number;
  readonly kind: CutKind;
}

/** For ever: every `everyMs` on average, and each kind once in a round, in an order of chance. */
export function* plannedCuts(seed: number, everyMs: number): Generator<PlannedCut, never> {
  const random = chanceOf(seed);
  for (;;) {
    for (const kind of shuffled(cutKinds, random)) yield { afterMs: everyMs * (0.5 + random()), kind };
  }
}
