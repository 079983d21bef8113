// What a test needs from the machine: without it the test is skipped aloud, with the reason in the report.
// Invariant: where HOLDFAST_TEST_REQUIRE=all is set, as in continuous integration, nothing is skipped: it fails.

import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

export interface Needs {
  /** The right to make network namespaces, so not merely uid 0 in a container. */
  readonly root?: boolean | undefined;
  /** Programs that must be in the PATH: `["ncat", "socat"]`. */
  readonly commands?: readonly string[] | undefined;
}

/**
 * The options for `test` or `suite`: `suite("as ncat sees it", needs({ commands: ["ncat"] }), () => …)`.
 * @throws Error instead of a reason to skip, where everything is required.
 */
export function needs(wanted: Needs, env: NodeJS.ProcessEnv = process.env): { skip: false | string } {
  const missing = (wanted.commands ?? []).filter((command) => pathOf(command, env) === undefined);
  const reasons = missing.map((command) => `${command} is not installed`);
  if (wanted.root === true && !mayMakeNamespaces(env)) {
    reasons.push("making network namespaces needs root (CAP_SYS_ADMIN)");
  }
  if (reasons.length === 0) return { skip: false };
  const reason = reasons.join(", ");
  if (env.HOLDFAST_TEST_REQUIRE === "all") throw new Error(`HOLDFAST_TEST_REQUIRE=all, but ${reason}`);
  return { skip: reason };
}

/** Where a program of the PATH is. */
export function pathOf(command: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const paths = (env.PATH ?? "").split(delimiter).map((folder) => join(folder, command));
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function mayMakeNamespaces(env: NodeJS.ProcessEnv): boolean {
  return process.getuid?.() === 0 && spawnSync("unshare", ["--net", "true"], { env }).status === 0;
}
