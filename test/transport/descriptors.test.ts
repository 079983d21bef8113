// The process's own limit of descriptors, as the system tells it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { descriptorLimit } from "../../src/transport/descriptors.js";

const module = new URL("../../src/transport/descriptors.js", import.meta.url).href;

/** What a process says that was started with `limit`, after it has run `first`. */
function asked(limit: string, first = ""): string {
  const program = `
    import fs from "node:fs";
    import { syncBuiltinESMExports } from "node:module";
    import { descriptorLimit } from ${JSON.stringify(module)};
    ${first}
    console.log(descriptorLimit());`;
  // The hard one too: Node raises the soft one to it when it starts.
  const command = `ulimit -n ${limit} && exec "$0" "$@"`;
  const args = ["-c", command, process.execPath, "--input-type=module", "-e", program];
  return execFileSync("sh", args, { encoding: "utf8" }).trim();
}

test("the limit is the one that this process was given", () => {
  assert.equal(asked("256"), "256");
  assert.equal(asked("1000"), "1000");
});

test("where there is no /proc, Node's own report says it", () => {
  const noProc = 'fs.readFileSync = () => { throw new Error("ENOENT"); }; syncBuiltinESMExports();';
  assert.equal(asked("256", noProc), "256");
  const noReport =
    'process.report.getReport = () => ({ userLimits: { open_files: { soft: "unlimited" } } });';
  assert.equal(asked("256", noProc + noReport), "Infinity");
});

test("it is read once", () => {
  assert.ok(descriptorLimit() > 0);
  assert.equal(descriptorLimit(), descriptorLimit());
});
