// The table of a demo: a line for each contender, side by side.

import { formatMs } from "../report/units.js";
import type { Score } from "./tally.js";

export interface Standing {
  readonly name: string;
  readonly cuts: number;
  readonly score: Score;
}

/** Lost, twice and out of order are all nothing. */
export function isClean({ sent, delivered, twice, outOfOrder, damaged }: Score): boolean {
  return sent === delivered && twice + outOfOrder + damaged === 0;
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
      isOver ? score.sent - score.delivered : score.missing,
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
