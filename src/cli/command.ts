// What a command is to the program that starts it: a function of its arguments, its options and the terminal.

import type { CommandName } from "./commands.js";
import type { GivenOptions } from "./options/resolve.js";
import type { OptionsOf } from "./options/table.js";
import type { Signals } from "./signals.js";

/** Runs until it is done. Throws: main tells the error and chooses the exit code. */
export type Command<Name extends CommandName = CommandName> = (run: CommandRun<Name>) => Promise<void>;

export interface CommandRun<Name extends CommandName = CommandName> {
  /** The positional arguments, as given. */
  readonly args: readonly string[];
  /** Every option that this command takes, with its default where nothing was said. */
  readonly options: OptionsOf<Name>;
  /** Only those that argv or the environment named, for a command with a further source between them and defaults. */
  readonly given: GivenOptions<Name>;
  /** Ctrl-C and SIGTERM. */
  readonly signals: Signals;
}
