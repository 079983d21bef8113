// Runs every test once under V8's own coverage and states the policy: the lines of each source file are covered
// by at least 90 % by the tests of its own folder (test/core/** covers src/core/**), not by luck from elsewhere.
// Invariant: a file that no test loads counts as 0 %; children that tests start count for the folder that started them.

import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { relative } from "node:path";
import { Report } from "c8";
import { runTests, testFiles } from "./lib/tests.js";

const linesMin = 90;
/** What is drawn in a browser, where Node's coverage does not look: tried in Chromium, by test/browser. */
const inBrowsers = [
  "src/client-browser.ts",
  "src/page/view/",
  "src/page/main.ts",
  "src/page/link/open-link.ts",
];
const raw = "coverage/raw";

rmSync("coverage", { recursive: true, force: true });
/** @type {Map<string, string[]>} */
const byFolder = new Map();
for (const file of testFiles()) {
  const folder = folderOfTest(file);
  byFolder.set(folder, [...(byFolder.get(folder) ?? []), file]);
}
const failed = [];
for (const [folder, files] of byFolder) {
  console.log(`\ncoverage: test/${folder}`);
  const code = await runTests(files, { env: { ...process.env, NODE_V8_COVERAGE: `${raw}/${folder}` } });
  if (code !== 0) failed.push(folder);
}

const own = new Map();
for (const folder of byFolder.keys()) own.set(folder, await linesOf(`${raw}/${folder}`));
const whole = await linesOf(gather([...byFolder.keys()]), ["text-summary", "lcovonly"]);

const rows = sources().map((path) => {
  const folder = folderOfSource(path);
  // Entry points only name what other folders hold, so any test may load them.
  const mine = folder === undefined ? whole : own.get(folder);
  return { path, own: mine?.get(path), whole: whole.get(path) };
});
const width = Math.max(...rows.map(({ path }) => path.length));
console.log(`\n${"".padEnd(width)}  own folder  all tests  lines not covered by the own folder`);
for (const row of rows) {
  const missed = row.own === undefined ? "never loaded" : row.own.missed.join(" ");
  console.log(`${row.path.padEnd(width)}  ${percent(row.own)}  ${percent(row.whole).slice(1)}  ${missed}`);
}

const bad = rows.filter((row) => (row.own?.percent ?? 0) < linesMin);
if (bad.length > 0) {
  console.error(`\nbelow ${linesMin} % of lines by the tests of their own folder:`);
  for (const { path } of bad) console.error(`  ${path}`);
}
if (failed.length > 0)
  console.error(`\ntests failed in ${failed.map((folder) => `test/${folder}`).join(", ")}`);
if (bad.length > 0 || failed.length > 0) process.exit(1);
console.log(
  `\ncoverage: every source file has at least ${linesMin} % of its lines covered by its own folder's tests`,
);

/** `build/test/core/x.test.js` → `core`; tests that stand in test/ itself go with the policy. */
function folderOfTest(/** @type {string} */ path) {
  const parts = path.split("/");
  return parts.length > 3 ? String(parts[2]) : "policy";
}

/** `src/core/x.ts` → `core`; undefined for an entry point. */
function folderOfSource(/** @type {string} */ path) {
  const parts = path.split("/");
  return parts.length > 2 ? parts[1] : undefined;
}

/** Every source file that has code once its types are gone. */
function sources() {
  return readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .filter((path) => hasCode(`build/src/${path.replace(/\.ts$/, ".js")}`))
    .map((path) => `src/${path}`)
    .filter((path) => !inBrowsers.some((part) => path.startsWith(part)))
    .sort();
}

function hasCode(/** @type {string} */ path) {
  const code = readFileSync(path, "utf8")
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/^\s*\/\/.*$/gm, "");
  return code.replace("export {};", "").trim() !== "";
}

/** The raw files of all folders in one, since a report reads one. */
function gather(/** @type {string[]} */ folders) {
  const all = `${raw}/all`;
  mkdirSync(all, { recursive: true });
  for (const folder of folders) {
    if (!existsSync(`${raw}/${folder}`)) continue;
    for (const file of readdirSync(`${raw}/${folder}`)) {
      copyFileSync(`${raw}/${folder}/${file}`, `${all}/${folder}-${file}`);
    }
  }
  return all;
}

/** Both what tests import (build/src) and what they start (dist) lead back to src through their source maps. */
async function linesOf(/** @type {string} */ tempDirectory, /** @type {string[]} */ reporter = []) {
  const report = new Report({
    tempDirectory,
    reportsDirectory: "coverage",
    include: ["build/src/**", "dist/**"],
    exclude: [],
    reporter,
    resolve: "",
    omitRelative: true,
    wrapperLength: 0,
  });
  await report.run();
  const map = await report.getCoverageMapFromAllCoverageFiles();
  return new Map(
    map.files().map((/** @type {string} */ file) => {
      const covered = map.fileCoverageFor(file);
      const { pct } = covered.toSummary().lines;
      return [relative("", file), { percent: pct, missed: ranges(covered.getUncoveredLines().map(Number)) }];
    }),
  );
}

/** 3, 4, 5, 9 → `3-5`, `9`. */
function ranges(/** @type {number[]} */ lines) {
  /** @type {[number, number][]} */
  const found = [];
  for (const line of lines) {
    const last = found.at(-1);
    if (last !== undefined && last[1] === line - 1) last[1] = line;
    else found.push([line, line]);
  }
  return found.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`));
}

function percent(/** @type {{ percent: number } | undefined} */ lines) {
  return `${(lines?.percent ?? 0).toFixed(1)} %`.padStart(10);
}
