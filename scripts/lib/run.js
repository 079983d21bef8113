// Starts one child with our own terminal and waits for it.
// Invariant: a child that a signal ended counts as failed.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Where the TypeScript compiler starts. */
export const tsc = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<number>} the exit code
 */
export function run(command, args, env = process.env) {
  const child = spawn(command, args, { stdio: "inherit", env });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
