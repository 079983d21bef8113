// The programs of these tests, as commands: each a compiled file in programs/, told by its arguments what to do.

import { fileURLToPath } from "node:url";
import { type Cleanup, type Program, start } from "../support/program.js";

/** Starts one of these programs: `run(t, "dial", endpoint, { timeoutMs: 200 })`. */
export function run(t: Cleanup, program: string, ...args: readonly (string | object)[]): Program {
  return start(t, commandOf(program, ...args));
}

/** The same in a process that may open so many descriptors. Node raises its own soft limit, so the hard one is set. */
export function runWithDescriptors(
  t: Cleanup,
  descriptors: number,
  program: string,
  ...args: readonly (string | object)[]
): Program {
  const setLimit = `ulimit -n ${descriptors} && exec "$0" "$@"`;
  return start(t, ["sh", "-c", setLimit, ...commandOf(program, ...args)]);
}

/** An object among the arguments is passed as JSON. */
export function commandOf(program: string, ...args: readonly (string | object)[]): string[] {
  const path = fileURLToPath(new URL(`./programs/${program}.js`, import.meta.url));
  const texts = args.map((arg) => (typeof arg === "string" ? arg : JSON.stringify(arg)));
  return [process.execPath, path, ...texts];
}
