// What is said of a failure, and the exit code that it becomes: 1 the network's no, 2 wrong usage.

import { CommanderError } from "commander";

import { VariableError } from "./options/resolve.js";
import { say } from "./output.js";
import { failureRecord } from "./report/events.js";

/** What a command threw, and how it is to be told. */
export class CommandFailure extends Error {
  readonly json: boolean;

  constructor(cause: unknown, json: boolean) {
    super("the command failed", { cause });
    this.json = json;
  }
}

/** The network, or the system, said no to something that was asked for in the right way. */
const networkCodes: readonly string[] = ["ERR_ADDRESS_IN_USE", "ERR_ADDRESS_NOT_AVAILABLE", "ERR_PERMISSION"];

export async function exitCodeOf(error: unknown): Promise<number> {
  // Help and version are no errors, though commander throws them.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof VariableError) return 2;
  const { UsageError } = await import("../index.js");
  const { cause } = error as Partial<CommandFailure>;
  return cause instanceof UsageError && !networkCodes.includes(cause.code) ? 2 : 1;
}

/** One line on stderr; commander has said its own already. */
export async function explain(error: unknown): Promise<void> {
  if (error instanceof CommanderError) return;
  if (!(error instanceof CommandFailure)) say(`holdfast: ${await messageOf(error)}`);
  else if (error.json) say(failureRecord(error.cause, new Date()));
  else say(`holdfast: ${await messageOf(error.cause)}`);
}

async function messageOf(error: unknown): Promise<string> {
  const { SocketError } = await import("../index.js");
  if (error instanceof SocketError || error instanceof VariableError) return error.message;
  // The system says what it could not do; anything else is a mistake of ours, which its trace helps to mend.
  if (error instanceof Error) return "syscall" in error ? error.message : (error.stack ?? error.message);
  return String(error);
}
