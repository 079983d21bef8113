// `npm run bench`: Holdfast beside ws and node:net, on this machine, now. Ratios travel, figures do not.
// Invariant: a run is bounded; contenders take turns within each round, so that a noisy moment hits all of them.

import { execFileSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { mediansOf, tableOf } from "./table.js";
import { works } from "./works.js";

const usage = `node bench/run.js [--quick] [--runs N] [--only TEXT] [--no-history]
  --quick       one short round: a look, not a measurement
  --runs N      rounds; the table shows their medians (default 3)
  --only TEXT   works and contenders whose "work/contender" contains TEXT
  --no-history  append nothing to bench/history.jsonl`;

const { quick, runs, only, history } = optionsOf();
const timing = quick ? { warmMs: 200, measureMs: 300 } : { warmMs: 400, measureMs: 700 };

/** @type {import("./table.js").Outcome[]} */
const outcomes = works.map((work) => ({ work, runs: new Map() }));
for (let round = 0; round < runs; round += 1) {
  for (const { work, runs: measured } of outcomes) {
    for (const contender of work.contenders.filter((name) => `${work.name}/${name}`.includes(only))) {
      process.stderr.write(`\r\x1b[Kround ${round + 1} of ${runs}: ${work.name}, ${contender}`);
      const figures = await work.measure(contender, timing);
      measured.set(contender, [...(measured.get(contender) ?? []), figures]);
    }
  }
}
process.stderr.write("\r\x1b[K");

const shown = outcomes.filter(({ runs: measured }) => measured.size > 0);
console.log(`Node ${process.version}, medians of ${runs}; in brackets what is aimed at\n`);
console.log(tableOf(shown));
if (history) appendFileSync(new URL("history.jsonl", import.meta.url), `${JSON.stringify(record(shown))}\n`);

/** One line of the history. @param {readonly import("./table.js").Outcome[]} measured */
function record(measured) {
  return {
    date: new Date().toISOString(),
    node: process.version,
    commit: commit(),
    quick,
    runs,
    rows: measured.flatMap((outcome) =>
      [...mediansOf(outcome)].map(([contender, values]) => ({
        work: outcome.work.name,
        contender,
        ...Object.fromEntries(
          outcome.work.figures.map(({ name }, index) => [name, Number(values[index]?.toPrecision(5))]),
        ),
      })),
    ),
  };
}

/** With a `+` where the tree has changes. */
function commit() {
  try {
    const git = (/** @type {string[]} */ ...args) => execFileSync("git", args, { encoding: "utf8" }).trim();
    const changed = git("status", "--porcelain", "--untracked-files=no", "--", "src", "bench/*.js") !== "";
    return git("rev-parse", "--short", "HEAD") + (changed ? "+" : "");
  } catch {
    return "unknown";
  }
}

function optionsOf() {
  try {
    const { values } = parseArgs({
      options: {
        quick: { type: "boolean", default: false },
        runs: { type: "string" },
        only: { type: "string", default: "" },
        "no-history": { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit();
    }
    const count = Number(values.runs ?? (values.quick ? 1 : 3));
    if (!Number.isInteger(count) || count < 1)
      throw new Error(`--runs must be a whole number, got ${values.runs}`);
    return { quick: values.quick, runs: count, only: values.only, history: !values["no-history"] };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    process.exit(2);
  }
}
