// The programs of these tests, as commands: each a compiled file in programs/, told by its arguments what to do.

import type { SpawnOptions } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Cleanup, Program } from "../support/dialogue.js";

/** An object among the arguments is passed as JSON. */
export function commandOf(program: string, ...args: readonly (string | object)[]): [string, ...string[]] {
  const path = fileURLToPath(new URL(`./programs/${program}.js`, import.meta.url));
  const texts = args.map((arg) => (typeof arg === "string" ? arg : JSON.stringify(arg)));
  return [process.execPath, path, ...texts];
}

/** Starts one here, beside the test. */
export function run(t: Cleanup, program: string, ...args: readonly (string | object)[]): Program {
  const [command, ...rest] = commandOf(program, ...args);
  return new Program(t, command, rest);
}

/** Starts one from a shell, which first does `setup`: `ulimit -n 128`. */
export function runAfter(
  t: Cleanup,
  setup: string,
  command: readonly string[],
  options?: SpawnOptions,
): Program {
  return new Program(t, "sh", ["-c", `${setup} && exec "$0" "$@"`, ...command], options);
}
