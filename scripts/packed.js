// Checks what would be published: everything a user needs, nothing of how it was made.

import { execFileSync } from "node:child_process";

/** What must be in it. */
const needed = [
  "package.json",
  "LICENSE",
  "README.md",
  "CHANGELOG.md",
  "dist/index.js",
  "dist/index.d.ts",
  "dist/hub.js",
  "dist/client.js",
  "dist/client.browser.js",
  "dist/client-browser.d.ts",
  "dist/page/index.html",
  "dist/testing.js",
  "dist/cbor.js",
  "dist/cli/main.js",
  "docs/ARCHITECTURE.md",
  "docs/LIMITS.md",
];
/** All that may be in it. */
const allowed =
  /^(?:dist\/.*\.(?:js|d\.ts|js\.map)|dist\/page\/(?:[\w-]+\.html|assets\/[\w-]+\.(?:css|svg))|docs\/.*\.md|(?:README|CHANGELOG)\.md|LICENSE|package\.json)$/;
/** Packed, in bytes. It should grow only on purpose. */
const bytesMax = 1_572_864;

// A list or a record of packages, depending on the npm.
const [pack] = Object.values(
  JSON.parse(execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { encoding: "utf8" })),
);
/** @type {string[]} */
const paths = pack.files.map((/** @type {{ path: string }} */ file) => file.path);
const problems = [
  ...needed.filter((path) => !paths.includes(path)).map((path) => `${path} is missing`),
  ...paths.filter((path) => !allowed.test(path)).map((path) => `${path} does not belong in it`),
  ...(pack.size > bytesMax ? [`${pack.size} bytes are more than ${bytesMax}`] : []),
];
for (const problem of problems) console.error(`packed: ${problem}`);
console.log(`packed: ${paths.length} files, ${pack.size} bytes, ${pack.unpackedSize} unpacked`);
process.exit(problems.length === 0 ? 0 : 1);
