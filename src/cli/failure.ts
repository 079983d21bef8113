// What is said of a failure, and the exit code that it becomes: 1 the network's no, 2 wrong usage.

import { CommanderError } from "commander";

import { VariableError } from "./options/resolve.js";
import { say } from "./output.js";

/** The network, or the system, said no to something that was asked for in the right way. */
const networkCodes: readonly string[] = ["ERR_ADDRESS_IN_USE", "ERR_ADDRESS_NOT_AVAILABLE", "ERR_PERMISSION"];

export async function exitCodeOf(error: unknown): Promise<number> {
  // Help and version are no errors, though commander throws them.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof VariableError) return 2;
  const { UsageError } = await import("../index.js");
  return error instanceof UsageError && !networkCodes.includes(error.code) ? 2 : 1;
}

/** One line on stderr; commander has said its own already. */
export async function explain(error: unknown): Promise<void> {
  if (error instanceof CommanderError) return;
  say(`holdfast: ${await messageOf(error)}`);
}

async function messageOf(error: unknown): Promise<string> {
  if (error instanceof VariableError) return error.message;
  const { SocketError } = await import("../index.js");
  if (error instanceof SocketError) return error.message;
  // A mistake of ours: the trace is what helps to mend it.
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
