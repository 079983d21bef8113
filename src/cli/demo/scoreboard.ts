// The table of a demo: a line for each contender, side by side.

import { formatMs } from "../report/units.js";
import type { Score } from "./tally.js";

export interface Standing {
  readonly name: string;
  readonly isExact: boolean;
  readonly cuts: number;
  readonly score: Score;
  /** Why it can send no more. */
  readonly failure?: string | undefined;
}

/** Those that say they are exact and were not, each with what it did. */
export function brokenPromises(standings: readonly Standing[]): string[] {
  return standings
    .filter(({ isExact, score, failure }) => isExact && (failure !== undefined || !isClean(score)))
    .map(({ name, score, failure }) => {
      const { twice, outOfOrder, damaged } = score;
      const counts = `${lostOf(score)} lost, ${twice} twice, ${outOfOrder} out of order, ${damaged} damaged`;
      return `${name}: ${counts}${failure === undefined ? "" : `; ${failure}`}`;
    });
}

/** At the end, when nothing is under way any more. */
export function lostOf({ sent, delivered }: Score): number {
  return sent - delivered;
}

function isClean(score: Score): boolean {
  return lostOf(score) + score.twice + score.outOfOrder + score.damaged === 0;
}

/** Lines of equal columns. While it runs, a message is lost only once a later one has overtaken it. */
export function scoreboard(standings: readonly Standing[], isOver: boolean): string[] {
  const head = ["", "cuts", "sent", "delivered", "lost", "twice", "out of order", "longest pause"];
  const rows = standings.map(({ name, cuts, score }) => [
    name,
    ...[
      cuts,
      score.sent,
      score.delivered,
      isOver ? lostOf(score) : score.missing,
      score.twice,
      score.outOfOrder,
    ].map((count) => count.toLocaleString("en")),
    formatMs(Math.round(score.longestPauseMs)),
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  "),
  );
}
