// Runs an example, compiled: `npm run example -- NAME …`; without a name it lists what there is.

import { existsSync, readdirSync } from "node:fs";
import { run } from "./lib/run.js";

const [name, ...args] = process.argv.slice(2);
const names = existsSync("examples")
  ? readdirSync("examples")
      .filter((file) => file.endsWith(".ts"))
      .map((file) => file.slice(0, -".ts".length))
      .sort()
  : [];

if (name === undefined || !names.includes(name)) {
  if (name !== undefined) console.error(`there is no example "${name}"`);
  console.error(`npm run example -- NAME …\n\n${names.map((known) => `  ${known}`).join("\n")}`);
  process.exit(2);
}
process.exit(await run(process.execPath, [`build/examples/${name}.js`, ...args]));
