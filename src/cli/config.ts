// The configuration file: the options of a command as JSON, under the names of the option table.
// Invariant: nothing in the file is ignored. A key that is no option, or a value that is none, is an error that names it.

import { readFileSync } from "node:fs";

import { UsageError } from "../index.js";
import type { CommandName } from "./commands.js";
import type { Option } from "./options/option.js";
import type { GivenOptions } from "./options/resolve.js";
import { optionsOf } from "./options/table.js";
import { parseValue, type Value, ValueError } from "./options/values.js";

/** Read where it exists, if no other file is named. */
const defaultConfigFile = "holdfast.config.json";

/**
 * The options in `path`; without a path those in `holdfast.config.json` of the working directory, if it is there.
 * @throws UsageError: no such file, no JSON, a key or value that is none.
 */
export function readConfig<Name extends CommandName>(
  command: Name,
  path: string | undefined,
): GivenOptions<Name> {
  const text = readText(path);
  if (text === undefined) return {};
  const file = path ?? defaultConfigFile;
  return checkConfig(command, parsed(text, file), file);
}

/** @throws UsageError that names the key. */
export function checkConfig<Name extends CommandName>(
  command: Name,
  config: unknown,
  file: string,
): GivenOptions<Name> {
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw wrong(file, "it is no object", 'write { "option": value }');
  }
  // A file does not name another one.
  const rows = optionsOf(command).filter(([name]) => name !== "config");
  const given: { [name: string]: Value } = {};
  for (const [key, value] of Object.entries(config)) {
    const row = rows.find(([name]) => name === key);
    if (row === undefined)
      throw unknownKey(
        file,
        key,
        command,
        rows.map(([name]) => name),
      );
    given[key] = readValue(file, key, row[1], value);
  }
  return given as GivenOptions<Name>;
}

function readText(path: string | undefined): string | undefined {
  try {
    return readFileSync(path ?? defaultConfigFile, "utf8");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (path === undefined && code === "ENOENT") return undefined;
    const reason = code === "ENOENT" ? "there is no such file" : message;
    throw new UsageError(`${path ?? defaultConfigFile}: ${reason}`, { advice: "see --config", cause });
  }
}

function parsed(text: string, file: string): unknown {
  try {
    // Some editors on Windows begin a file with a byte order mark.
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (cause) {
    throw wrong(file, `it is no JSON: ${(cause as Error).message}`, "check its commas and quotation marks");
  }
}

/** The value as the option table has it: JSON's own type where there is one, else text as on the command line. */
function readValue(file: string, key: string, option: Option, value: unknown): Value {
  const { kind, canBeOff } = option;
  if (value === false && canBeOff) return false;
  const fits =
    kind === "flag"
      ? typeof value === "boolean"
      : kind === "count"
        ? typeof value === "number"
        : kind === "duration" || kind === "size"
          ? typeof value === "number" || typeof value === "string"
          : kind === "list"
            ? Array.isArray(value) && value.every((item) => typeof item === "string")
            : typeof value === "string";
  if (!fits) throw wrong(file, `${key} is ${JSON.stringify(value)}`, `write ${expected(option)}`);
  try {
    return parseValue(option, Array.isArray(value) ? value.join(",") : String(value));
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw wrong(file, `${key} is ${JSON.stringify(value)}`, error.message);
  }
}

function expected({ kind, choices = [], canBeOff }: Option): string {
  const form = {
    flag: "true or false",
    count: "a whole number",
    duration: 'a duration such as "500ms" or "5s"; a bare number is seconds',
    size: 'a size such as "64KiB"; a bare number is bytes',
    choice: `one of ${choices.map((choice) => JSON.stringify(choice)).join(", ")}`,
    list: "a list of texts",
    endpoint: 'an endpoint such as "tcp://127.0.0.1:12345"',
    path: "a path, as text",
    text: "text",
  }[kind];
  return canBeOff ? `${form}, or false` : form;
}

function unknownKey(file: string, key: string, command: string, names: readonly string[]): UsageError {
  const near = nearest(key, names);
  const advice = near === undefined ? `${command} knows ${names.join(", ")}` : `did you mean ${near}?`;
  return wrong(file, `there is no option ${JSON.stringify(key)}`, advice);
}

function wrong(file: string, reason: string, advice: string): UsageError {
  return new UsageError(`${file}: ${reason}`, { advice });
}

/** The name that the fewest edits lead to, if they are few; case, hyphens and underscores do not count. */
export function nearest(written: string, names: readonly string[]): string | undefined {
  const plain = (name: string) => name.toLowerCase().replaceAll(/[-_]/g, "");
  const [best] = names
    .map((name) => ({ name, edits: editsBetween(plain(written), plain(name)) }))
    .sort((a, b) => a.edits - b.edits);
  return best !== undefined && best.edits <= Math.max(2, best.name.length / 3) ? best.name : undefined;
}

/** Levenshtein's distance, one row at a time. */
function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, character] of [...from].entries()) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j += 1) {
      const substituted = (row[j] ?? 0) + (character === to[j] ? 0 : 1);
      next.push(Math.min(substituted, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
