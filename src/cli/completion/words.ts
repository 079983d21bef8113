// What a shell can complete, read from the tables of commands and options.

import { type CommandName, commandNames, commands } from "../commands.js";
import type { Option } from "../options/option.js";
import { flagName } from "../options/resolve.js";
import { optionsOf } from "../options/table.js";

export interface CompletedCommand {
  readonly name: CommandName;
  readonly says: string;
  readonly flags: readonly CompletedFlag[];
  /** What its first argument may be, where that is a choice. */
  readonly arguments: readonly string[];
}

export interface CompletedFlag {
  /** With its dashes. */
  readonly long: string;
  readonly short: string | undefined;
  readonly says: string;
  readonly value: "none" | "text" | "path" | "choice";
  readonly choices: readonly string[];
}

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

export function completedCommands(): CompletedCommand[] {
  return commandNames.map((name) => ({
    name,
    says: commands[name].says,
    flags: [...optionsOf(name).flatMap(([option, row]) => flagsOf(option, row)), help],
    arguments: name === "completion" ? shells : [],
  }));
}

const help: CompletedFlag = {
  long: "--help",
  short: "-h",
  says: "print this help",
  value: "none",
  choices: [],
};

function flagsOf(name: string, option: Option): CompletedFlag[] {
  const { kind, short, says, choices = [], canBeOff } = option;
  const value = kind === "flag" ? "none" : kind === "choice" || kind === "path" ? kind : "text";
  const flag: CompletedFlag = {
    long: `--${flagName(name)}`,
    short: short === undefined ? undefined : `-${short}`,
    says,
    value,
    choices,
  };
  const off: CompletedFlag = {
    ...help,
    long: `--no-${flagName(name)}`,
    short: undefined,
    says: `not: ${says}`,
  };
  return canBeOff ? [flag, off] : [flag];
}
