// What is said of a failure, and the exit code that it becomes: 1 the network's no, 2 wrong usage.

import { CommanderError } from "commander";

import { VariableError } from "./options/resolve.js";
import { say } from "./output.js";
import { failureRecord } from "./report/events.js";

/** Options that say how a failure is told; not every command has them. */
export interface FailureOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly logLevel?: string;
}

/** What a command threw, and how it is to be told. */
export class CommandFailure extends Error {
  readonly options: FailureOptions;

  constructor(cause: unknown, options: FailureOptions) {
    super("the command failed", { cause });
    this.options = options;
  }
}

/** The network, or the system, said no to something that was asked for in the right way. */
const networkCodes: readonly string[] = ["ERR_ADDRESS_IN_USE", "ERR_ADDRESS_NOT_AVAILABLE", "ERR_PERMISSION"];

export async function exitCodeOf(error: unknown): Promise<number> {
  // Help and version are no errors, though commander throws them.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof VariableError) return 2;
  const { UsageError } = await import("../index.js");
  const cause = error instanceof CommandFailure ? error.cause : error;
  return cause instanceof UsageError && !networkCodes.includes(cause.code) ? 2 : 1;
}

/** One line on stderr; commander has said its own already. */
export async function explain(error: unknown): Promise<void> {
  if (error instanceof CommanderError) return;
  const { cause, options } = error instanceof CommandFailure ? error : { cause: error, options: {} };
  say(options.json ? failureRecord(cause, new Date()) : `holdfast: ${await messageOf(cause, options)}`);
}

async function messageOf(error: unknown, options: FailureOptions): Promise<string> {
  if (!(error instanceof Error)) return String(error);
  const { SocketError } = await import("../index.js");
  const isWorded = error instanceof SocketError || error instanceof VariableError || "syscall" in error;
  // Worded for people, by us or by the system; anything else is a mistake of ours, which its trace helps to mend.
  return isWorded ? error.message : unexpected(error, options);
}

function unexpected({ name, message, stack }: Error, { verbose, logLevel }: FailureOptions): string {
  if (verbose || logLevel === "debug") return stack ?? message;
  const more = verbose === false ? "-v" : logLevel === undefined ? undefined : "--log-level debug";
  return `unexpected ${name}: ${message}${more === undefined ? "" : `; ${more} tells where it comes from`}`;
}
