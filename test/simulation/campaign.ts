// `npm run campaign`: world after world, each from a seed of its own, until there have been enough of them.
// Invariant: what fails says its seed, and `--seed N --seeds 1` has the same world again.

import { parseArgs } from "node:util";

import { planOf } from "./plan.js";
import { runWorld, type WorldResult } from "./world.js";

const usage = `npm run campaign -- [--seed N] [--seeds N] [--hours N] [--twice] [--verbose]
  --seed N    the first world's seed (default: chosen, and printed); the next world has the next number
  --seeds N   so many worlds
  --hours N   so many simulated hours, if that is more (default 1)
  --seconds N stop after so many real seconds, whatever is left
  --kind K    only worlds of these kinds: long, dense, mortal; with commas between
  --twice     each world twice: both must be the same, to the last event
  --verbose   a line for each world`;

const options = optionsOf();
let seed = options.seed;
process.on("uncaughtException", (error) => {
  console.error(error);
  fail();
});

const began = performance.now();
const sums = { worlds: 0, hours: 0, cuts: 0, resumes: 0, cables: 0, sessions: 0, streams: 0, messages: 0 };
const isLate = () => performance.now() - began > options.seconds * 1_000;
while ((sums.worlds < options.seeds || sums.hours < options.hours) && !isLate()) {
  try {
    if (options.kind !== "" && !options.kind.split(",").includes(planOf(seed).kind)) continue;
    const result = await runWorld(seed);
    if (options.twice) compare(result, await runWorld(seed));
    count(result);
  } catch (error) {
    console.error(error);
    fail();
  } finally {
    seed = (seed + 1) % 2 ** 32;
  }
}
const seconds = (performance.now() - began) / 1_000;
console.log(
  `${sums.worlds} worlds from SEED=${options.seed}: ${sums.hours.toFixed(1)} simulated hours in ${seconds.toFixed(0)} s; \
${sums.cuts} cuts, ${sums.resumes} resumes over ${sums.cables} links, ${sums.sessions} sides of sessions, \
${sums.streams} streams, ${sums.messages} messages: none lost, none twice, none out of order`,
);

function count(result: WorldResult): void {
  sums.worlds += 1;
  for (const name of ["hours", "cuts", "resumes", "cables", "sessions", "streams", "messages"] as const) {
    sums[name] += result[name];
  }
  if (!options.verbose) return;
  const { kind, hash, hours, cuts, messages, cables } = result;
  const at = `${((performance.now() - began) / 1_000).toFixed(1)} s`;
  console.log(
    `${at}: seed ${seed} ${kind} ${hash} ${hours.toFixed(2)} h ${cuts} cuts ${cables} links ${messages} messages`,
  );
}

function compare(one: WorldResult, other: WorldResult): void {
  if (one.hash !== other.hash) throw new Error(`two runs differ: ${one.hash} and ${other.hash}`);
}

function fail(): never {
  console.error(`SEED=${seed}: npm run campaign -- --seed ${seed} --seeds 1 --hours 0`);
  process.exit(1);
}

function optionsOf() {
  try {
    const { values } = parseArgs({
      options: {
        seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
        seeds: { type: "string", default: "1" },
        hours: { type: "string", default: "1" },
        seconds: { type: "string", default: "86400" },
        kind: { type: "string", default: "" },
        twice: { type: "boolean", default: false },
        verbose: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit();
    }
    const { kind, twice, verbose } = values;
    const numbers = { seed: 0, seeds: 0, hours: 0, seconds: 0 };
    for (const name of ["seed", "seeds", "hours", "seconds"] as const)
      numbers[name] = whole(name, values[name]);
    return { ...numbers, kind, twice, verbose };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    process.exit(2);
  }
}

function whole(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`--${name} is a whole number, got ${text}`);
  return Number(text);
}
