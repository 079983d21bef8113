// From an option's text to its value, the same for argv, the environment and a configuration file.
// Invariant: a text that is no value of its kind is refused with what would be one.

import type { Option } from "./option.js";

export type Value = boolean | number | string | readonly string[];

/** Why a text is no value: half a sentence that goes on behind what was read. */
export class ValueError extends Error {}

/** @throws ValueError. */
export function parseValue(option: Option, text: string): Value {
  switch (option.kind) {
    case "flag":
      return parseFlag(text);
    case "count":
      return parseCount(text, option.least ?? 0);
    case "duration":
      return parseDuration(text, option.least ?? 0);
    case "size":
      return parseSize(text);
    case "choice":
      return parseChoice(text, option.choices ?? []);
    case "list":
      return text.split(",").map((item) => nonEmpty(item.trim()));
    default:
      return nonEmpty(text);
  }
}

/** What stands for the value in the help. */
export function placeholderOf(option: Option): string {
  if (option.placeholder !== undefined) return option.placeholder;
  return option.kind === "choice" ? (option.choices ?? []).join("|") : option.kind;
}

/** The value as one would write it: `500ms`, `64KiB`, `a,b`. */
export function formatValue({ kind }: Option, value: Value): string {
  if (typeof value === "object") return value.join(",");
  if (typeof value !== "number") return String(value);
  if (kind === "duration") return formatWith(value, durationUnits);
  return kind === "size" ? formatWith(value, sizeUnits) : String(value);
}

/** Largest last, so that the largest one that divides evenly is found from the end. */
const durationUnits = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const sizeUnits = { B: 1, KiB: 1_024, MiB: 1_048_576, GiB: 1_073_741_824 } as const;
/** What people also write for a size; powers of two throughout, as memory is counted. */
const sizeFactors: { readonly [unit in string]?: number } = {
  "": 1,
  b: 1,
  k: 1_024,
  kib: 1_024,
  m: 1_048_576,
  mib: 1_048_576,
  g: 1_073_741_824,
  gib: 1_073_741_824,
};

function parseFlag(text: string): boolean {
  if (/^(?:1|true|yes|on)$/i.test(text)) return true;
  if (/^(?:0|false|no|off|)$/i.test(text)) return false;
  throw new ValueError("it is 1 or 0, true or false, yes or no, on or off");
}

function parseCount(text: string, least: number): number {
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(count) && count >= least) return count;
  throw new ValueError(`it is a whole number of at least ${least}`);
}

/** The longest that the platform's timers take: they fire at once above it. */
const durationMsMax = 2 ** 31 - 1;

/** A bare number is seconds, as in nc. */
function parseDuration(text: string, least: number): number {
  const [, number, unit = "s"] = /^(\d+(?:\.\d+)?|\.\d+)(ms|s|m|h)?$/.exec(text) ?? [];
  if (number === undefined) throw new ValueError("write it with a unit, such as 500ms, 5s or 2m");
  const ms = Math.round(Number(number) * durationUnits[unit as keyof typeof durationUnits]);
  if (ms < least) throw new ValueError(`it is at least ${formatWith(least, durationUnits)}`);
  if (ms > durationMsMax) throw new ValueError("it is at most 24 days, or 596h");
  return ms;
}

function parseSize(text: string): number {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)([a-z]*)$/i.exec(text) ?? [];
  const factor = sizeFactors[unit.toLowerCase()];
  if (number !== undefined && factor !== undefined) return Math.round(Number(number) * factor);
  throw new ValueError("write bytes, or a number with KiB, MiB or GiB");
}

function parseChoice(text: string, choices: readonly string[]): string {
  if (choices.includes(text)) return text;
  throw new ValueError(`it is one of ${choices.join(", ")}`);
}

function nonEmpty(text: string): string {
  if (text !== "") return text;
  throw new ValueError("it is empty");
}

function formatWith(value: number, units: { readonly [unit: string]: number }): string {
  const all = Object.entries(units);
  const [unit, factor] = all.findLast(([, size]) => value >= size && value % size === 0) ?? all[0] ?? ["", 1];
  return `${value / factor}${unit}`;
}
