// Runs the compiled tests: `npm test`, or `npm test -- core/endpoint hub` for those whose path contains a word. What
// takes a real browser minutes is run by `npm run browser` alone.
// What begins with `-` goes to node itself: `npm test -- --test-name-pattern=refused`.

import { runTests, testFiles } from "./lib/tests.js";

const args = process.argv.slice(2);
const options = args.filter((arg) => arg.startsWith("-"));
const words = args.filter((arg) => !arg.startsWith("-"));

const files = testFiles(words);
if (files.length === 0) {
  console.error(`no test file matches ${words.join(" ") || "test/**/*.test.ts"}`);
  process.exit(1);
}
if (words.length === 0) console.log("without test/browser, which `npm run browser` runs in Chromium");
process.exit(await runTests(files, { options }));
