// The table: per work, each contender's medians, and Holdfast's ratios with what they aim at.

import { contenders } from "./contenders/index.js";
import { peers as usualPeers } from "./works.js";

/** @typedef {{ work: import("./works.js").Work, runs: Map<string, number[][]> }} Outcome Per contender, per round, the figures. */

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >>> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** @param {Outcome} outcome @returns {Map<string, number[]>} Per contender, the median of each figure. */
export function mediansOf({ work, runs }) {
  return new Map(
    [...runs].map(([contender, rounds]) => [
      contender,
      work.figures.map((_, figure) => median(rounds.map((values) => values[figure] ?? Number.NaN))),
    ]),
  );
}

/** @param {readonly Outcome[]} outcomes */
export function tableOf(outcomes) {
  return outcomes.map(section).join("\n\n");
}

/** @param {Outcome} outcome */
function section(outcome) {
  const { work } = outcome;
  const { peers = usualPeers } = work;
  const medians = mediansOf(outcome);
  // The naive programs are so far behind that their CPU says nothing more.
  const cpuPeers = work.cpuMicros === undefined ? [] : peers.filter((peer) => !peer.startsWith("naive"));
  const head = [
    work.name,
    ...work.figures.map(({ name }) => name),
    ...peers.map((peer) => `× ${nameOf(peer)}`),
    ...cpuPeers.map((peer, at) => `${at === 0 ? "by CPU: " : ""}× ${nameOf(peer)}`),
  ];
  const rows = [head];
  for (const [contender, values] of medians) {
    const aims = work.aims[contender];
    const ratios = peers.map((peer) => {
      const [peerValue] = medians.get(peer) ?? [];
      if (aims === undefined || peerValue === undefined) return "";
      return ratioText((values[0] ?? 0) / peerValue, work, aims[peer]);
    });
    const cpuRatios = cpuPeers.map((peer) => {
      const peerValues = medians.get(peer);
      if (aims === undefined || peerValues === undefined || work.cpuMicros === undefined) return "";
      return ratioText(work.cpuMicros(peerValues) / work.cpuMicros(values), work, undefined);
    });
    rows.push([nameOf(contender), ...values.map(numberText), ...ratios, ...cpuRatios]);
  }
  return aligned(rows);
}

/** @param {string} contender */
function nameOf(contender) {
  return contenders[contender]?.name ?? contender;
}

/** @param {number} ratio @param {import("./works.js").Work} work @param {number | undefined} aim */
function ratioText(ratio, work, aim) {
  const text = ratio.toFixed(ratio < 10 ? 2 : 1);
  if (aim === undefined) return text;
  const more = work.figures[0]?.better === "more";
  const met = more ? ratio >= aim : ratio <= aim;
  return `${text} (${more ? "≥" : "≤"} ${aim}${met ? "" : ", missed"})`;
}

/** @param {number} value */
function numberText(value) {
  if (value < 100) return value.toFixed(value < 10 ? 3 : 1);
  return Math.round(value).toLocaleString("en");
}

/** @param {readonly string[][]} rows */
function aligned(rows) {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
