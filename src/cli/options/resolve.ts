// The options of one run: argv before the environment before the defaults.
// Invariant: what a command receives has been read by its kind, wherever it came from.

import type { CommandName } from "../commands.js";
import type { Option } from "./option.js";
import { type OptionName, type OptionsOf, optionsOf } from "./table.js";
import { parseValue, type Value, ValueError } from "./values.js";

/** Options that argv or the environment named. */
export type GivenOptions<Name extends CommandName> = {
  readonly [Key in keyof OptionsOf<Name>]?: OptionsOf<Name>[Key];
};

/** A variable whose text is no value of its option. */
export class VariableError extends Error {}

/** `plainQuiet` → `plain-quiet`. */
export function flagName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `plainQuiet` → `HOLDFAST_PLAIN_QUIET`. */
export function variableName(name: string): string {
  return `HOLDFAST_${flagName(name).replaceAll("-", "_").toUpperCase()}`;
}

/** What was said: `argv` by name, and the environment for the rest. @throws VariableError. */
export function givenOptions<Name extends CommandName>(
  command: Name,
  argv: { readonly [name in string]?: Value | undefined },
  env: { readonly [name in string]?: string | undefined },
): GivenOptions<Name> {
  const given: { [name in string]?: Value } = {};
  for (const [name, option] of optionsOf(command)) {
    const value = argv[name] ?? fromVariable(name, option, env[variableName(name)]);
    if (value !== undefined) given[name] = value;
  }
  return given as GivenOptions<Name>;
}

/** `given`, with defaults for all that it does not name. */
export function withDefaults<Name extends CommandName>(
  command: Name,
  given: GivenOptions<Name>,
): OptionsOf<Name> {
  const said = given as { readonly [name in string]?: Value };
  const entries = optionsOf(command).map(([name, option]) => [name, said[name] ?? defaultOf(option)]);
  return Object.fromEntries(entries) as OptionsOf<Name>;
}

function defaultOf({ kind, default: value }: Option): Value | undefined {
  return kind === "flag" ? (value ?? false) : value;
}

/** An empty variable says nothing, as in most shells' idiom `NAME= command`. */
function fromVariable(name: OptionName, option: Option, text: string | undefined): Value | undefined {
  if (text === undefined || text === "") return undefined;
  if (option.canBeOff && /^(?:0|false|no|off)$/i.test(text)) return false;
  try {
    return parseValue(option, text);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw new VariableError(`the variable ${variableName(name)} is "${text}": ${error.message}`);
  }
}
