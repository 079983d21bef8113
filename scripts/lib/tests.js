// Finds the tests and runs them, compiled, on whichever Node runs this.
// Invariant: the list comes from test/, so a leftover in build/ never runs and a test that was not compiled fails.

import { existsSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { run } from "./run.js";

/** Long enough for the slowest machine; it only keeps a test that hangs from hanging everything. */
const testTimeoutMs = 180_000;

/** Minutes of a real browser; they have a command of their own, `npm run browser`. */
const apart = "browser/";

/**
 * The compiled tests whose path below test/ contains one of `words`; without words all but those of the browser.
 * @param {readonly string[]} words
 * @returns {string[]}
 */
export function testFiles(words = []) {
  const found = readdirSync("test", { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".test.ts"))
    .filter((path) =>
      words.length === 0 ? !path.startsWith(apart) : words.some((word) => path.includes(word)),
    )
    .map((path) => `build/test/${path.replace(/\.ts$/, ".js")}`)
    .sort();
  const missing = found.filter((path) => !existsSync(path));
  if (missing.length > 0) throw new Error(`not compiled: ${missing.join(", ")}; run npm run types first`);
  return found;
}

/**
 * Node 20's runner takes no globs, so each file is named.
 * @param {readonly string[]} files
 * @param {{ options?: readonly string[], env?: NodeJS.ProcessEnv }} [how] `options` are node's own, such as
 *   `--test-name-pattern=…`
 * @returns {Promise<number>} the exit code
 */
export function runTests(files, { options = [], env } = {}) {
  const concurrency = Math.max(2, availableParallelism());
  return run(
    process.execPath,
    [
      "--test",
      "--test-reporter=spec",
      `--test-concurrency=${concurrency}`,
      `--test-timeout=${testTimeoutMs}`,
      ...options,
      ...files,
    ],
    env,
  );
}
