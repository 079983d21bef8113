// `npm run mutants`: puts one mistake after another into the session's code, and fails unless the campaign finds each.
// Invariant: a mutant counts as caught only if the campaign itself has said so, with a seed; not if it would not load.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

import { mutants, mutated } from "./lib/mutants.js";

const { values } = parseArgs({
  options: {
    // The first world comes byte by byte over a slow network, the next ones are of every sort.
    seed: { type: "string", default: "1097" },
    seconds: { type: "string", default: "90" },
    only: { type: "string", default: "" },
    // Those that the campaign finds within seconds: for every change.
    quick: { type: "boolean", default: false },
  },
});
const quick = [
  "the server says at a resume that it has one more",
  "the client says at a resume that it has one less, and there is no dedup",
  "an ACK says one too many",
  "a write's memory is given back while it is written",
  "a slab is given back before it is acknowledged",
  "a header in pieces is put together wrongly",
  "a part of a frame stays when its link breaks",
  "a resume goes on where the old link ended",
  "CLOSE is not said again at a resume",
  "a stream is over when its end is sent",
  "credit is minded at neither end",
  "the outbox minds no room",
  "an END that a resume acknowledges is forgotten",
  "what was not read is not said",
  "a session that is over is kept for ever",
];
const chosen = values.quick ? quick : Object.keys(mutants);
const names = chosen.filter((name) => name in mutants && name.includes(values.only));
checkEdits();
const began = performance.now();
const survivors = [];
const queue = [...names];
await Promise.all(Array.from({ length: availableParallelism() }, worker));
const seconds = ((performance.now() - began) / 1_000).toFixed(0);
console.log(`${names.length - survivors.length} of ${names.length} mutants caught in ${seconds} s`);
for (const name of survivors) console.error(`not caught: ${name}`);
process.exit(survivors.length === 0 ? 0 : 1);

async function worker() {
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const { caught, said, seconds } = await attempt(name);
    if (!caught) survivors.push(name);
    console.log(`${caught ? "caught" : "NOT CAUGHT"} in ${seconds.toFixed(1)} s: ${name}\n    ${said}`);
  }
}

/** Each edit must fit its file, each file by itself. */
function checkEdits() {
  for (const edits of Object.values(mutants)) {
    for (const file of new Set(edits.map(({ file }) => file))) {
      mutated(
        readFileSync(`build/src/${file}`, "utf8"),
        edits.filter((edit) => edit.file === file),
      );
    }
  }
}

/**
 * @param {string} name
 * @returns {Promise<{ caught: boolean, said: string, seconds: number }>}
 */
function attempt(name) {
  const began = performance.now();
  const child = spawn(
    process.execPath,
    [
      ...["--import", "./scripts/lib/mutate.js", "build/test/simulation/campaign.js"],
      ...[
        "--seed",
        values.seed,
        "--seeds",
        "100000",
        "--hours",
        "0",
        "--kind",
        "dense",
        "--seconds",
        values.seconds,
      ],
    ],
    { env: { ...process.env, HOLDFAST_MUTANT: name }, stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      const caught = code === 1 && /^SEED=/m.test(output);
      const [said = ""] = output.split("\n");
      resolve({ caught, said, seconds: (performance.now() - began) / 1_000 });
    });
  });
}
