// What a series of tries comes to.

import { formatMs } from "../report/units.js";

/** `4 tries, 1 lost (25 %); min 0.31 ms, median 0.4 ms, p99 1.2 ms`; without times if all were lost. */
export function summaryOf(tries: number, timesMs: readonly number[]): string {
  const lost = tries - timesMs.length;
  const share = tries === 0 ? 0 : Math.round((100 * lost) / tries);
  const counts = `${tries} ${tries === 1 ? "try" : "tries"}, ${lost} lost (${share} %)`;
  if (timesMs.length === 0) return counts;
  const sorted = timesMs.toSorted((a, b) => a - b);
  const at = (share: number) => formatMs(nearestRank(sorted, share));
  return `${counts}; min ${at(0)}, median ${at(0.5)}, p99 ${at(0.99)}`;
}

/** The smallest time that at least `share` of all do not exceed. */
function nearestRank(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
