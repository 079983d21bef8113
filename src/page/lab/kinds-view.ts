// What the experiment Two kinds shows, out of its events: the numbers as they came over TCP and over UDP.
// Invariant: a number that never came stands where it was missed first; one that came late stands where it came.

import type { Kind, KindsEvents, LabEvent } from "../../hub.js";

export interface KindsView {
  readonly sent: number;
  readonly tcp: readonly NumberCell[];
  readonly udp: readonly NumberCell[];
  readonly result: KindsEvents["result"] | undefined;
}

export interface NumberCell {
  readonly number: number;
  /** `late`: behind a higher number. `missing`: not here, so far. */
  readonly how: "arrived" | "late" | "missing";
}

export function kindsView(events: readonly LabEvent<"kinds">[]): KindsView {
  let sent = 0;
  let result: KindsEvents["result"] | undefined;
  const came: { [kind in Kind]: number[] } = { tcp: [], udp: [] };
  for (const event of events) {
    if (event.event === "sent") sent = Math.max(sent, ...event.data.numbers);
    if (event.event === "arrived") came[event.data.kind].push(...event.data.numbers);
    if (event.event === "result") result = event.data;
  }
  // What was sent last is not missed before all is over.
  const last = result === undefined ? 0 : sent;
  return { sent, tcp: cellsOf(came.tcp, last), udp: cellsOf(came.udp, last), result };
}

/** @param last What is not here up to this number is missing at the end. */
export function cellsOf(numbers: readonly number[], last: number): NumberCell[] {
  const here = new Set(numbers);
  const cells: NumberCell[] = [];
  let highest = 0;
  const missUpTo = (end: number) => {
    for (let number = highest + 1; number < end; number += 1) {
      if (!here.has(number)) cells.push({ number, how: "missing" });
    }
  };
  for (const number of numbers) {
    if (number < highest) {
      cells.push({ number, how: "late" });
      continue;
    }
    missUpTo(number);
    highest = number;
    cells.push({ number, how: "arrived" });
  }
  missUpTo(last + 1);
  return cells;
}
