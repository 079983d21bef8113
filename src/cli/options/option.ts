// What an option of the command can be: the shape of one row of the table, and the type of its value.

import type { CommandName } from "../commands.js";

/**
 * How an option's text is read, and what a command receives:
 * `flag` true or false · `count` a whole number · `duration` milliseconds · `size` bytes · `choice` one of `choices` ·
 * `list` several texts · `endpoint`, `path`, `text` as written.
 */
export type OptionKind =
  | "flag"
  | "count"
  | "duration"
  | "size"
  | "choice"
  | "list"
  | "endpoint"
  | "path"
  | "text";

/** One row of the table. Its key there is its name: `plainQuiet` is `--plain-quiet` and `HOLDFAST_PLAIN_QUIET`. */
export interface Option {
  readonly kind: OptionKind;
  /** One letter or digit: `-k`. */
  readonly short?: string;
  /** `choice`: every value there is. */
  readonly choices?: readonly string[];
  /** The smallest `count` or `duration` that makes sense. Default 0. */
  readonly least?: number;
  /** What stands for the value in the help; the kind's own word without it. */
  readonly placeholder?: string;
  /** The value where nothing is said, in the form in which a command receives it. */
  readonly default?: boolean | number | string | readonly string[];
  /** `--no-name` switches it off: the command receives false. */
  readonly canBeOff?: true;
  /** One line of help, which begins in lower case and has no final stop. */
  readonly says: string;
  /** The commands that take it. */
  readonly commands: readonly CommandName[];
}

type KindValue<O extends Option> = O["kind"] extends "flag"
  ? boolean
  : O["kind"] extends "count" | "duration" | "size"
    ? number
    : O["kind"] extends "list"
      ? readonly string[]
      : O extends { readonly choices: readonly (infer Choice)[] }
        ? Choice
        : string;

/** What a command receives of one option. */
export type OptionValue<O extends Option> =
  | KindValue<O>
  | (O extends { readonly canBeOff: true } ? false : never)
  // A flag that nobody gave is false.
  | (O extends { readonly default: unknown } | { readonly kind: "flag" } ? never : undefined);
