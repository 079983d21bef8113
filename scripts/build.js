// Compiles src/ to dist/ and bundles what browsers load: `npm run build`, and npm's own `prepare`.
// Invariant: dist/ holds what src/ says now, so a deleted file is never published.

import { chmodSync, existsSync, rmSync } from "node:fs";
import { buildClient } from "./lib/build-client.js";
import { buildPage } from "./lib/build-page.js";
import { run, tsc } from "./lib/run.js";

const command = "dist/cli/main.js";

rmSync("dist", { recursive: true, force: true });
const [code] = await Promise.all([
  run(process.execPath, [tsc, "-p", "tsconfig.json"]),
  buildClient(),
  buildPage(),
]);
// npm marks a bin executable where it installs one, not in the clone that built it.
if (existsSync(command)) chmodSync(command, 0o755);
process.exit(code);
