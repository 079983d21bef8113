// The JSON in frames, read with suspicion: every name is looked at by what it should be.
// Invariant: nothing is taken for what it is not; names that nobody asks for are ignored.

import { decodeUtf8 } from "../encoding/utf8.js";
import { Violation } from "./violation.js";

export type Fields = { readonly [name: string]: unknown };

/** The object that `payload` is. @throws Violation (`malformed`), as all here do. */
export function parseFields(payload: Uint8Array): Fields {
  let value: unknown;
  try {
    value = JSON.parse(decodeUtf8(payload));
  } catch {
    throw new Violation("malformed", "the JSON cannot be read");
  }
  return objectOf(value, "the JSON");
}

export function fieldsOf(fields: Fields, name: string): Fields {
  return objectOf(fields[name], name);
}

/** A whole number; at most 2^53 − 1, as every counter. */
export function countOf(fields: Fields, name: string, smallest = 0): number {
  const value = fields[name];
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= smallest) return value;
  throw new Violation("malformed", `${name} is no whole number of at least ${smallest}`);
}

export function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === "string") return value;
  throw new Violation("malformed", `${name} is no text`);
}

/** Text of a form. @param what For the error: "16 bytes in hex". */
export function matchOf(fields: Fields, name: string, form: RegExp, what: string): string {
  const value = textOf(fields, name);
  if (form.test(value)) return value;
  throw new Violation("malformed", `${name} is not ${what}`);
}

/** `bytes` bytes in lower-case hex. */
export function hexOf(fields: Fields, name: string, bytes: number): string {
  return matchOf(fields, name, new RegExp(`^[0-9a-f]{${2 * bytes}}$`), `${bytes} bytes in lower-case hex`);
}

export function flagOf(fields: Fields, name: string): boolean {
  const value = fields[name];
  if (typeof value === "boolean") return value;
  throw new Violation("malformed", `${name} is neither true nor false`);
}

/** Each of a short list, read by `read` under the name it is given. */
export function listOf<T>(
  fields: Fields,
  name: string,
  countMax: number,
  read: (items: Fields, at: string) => T,
): T[] {
  const value = fields[name];
  if (!Array.isArray(value) || value.length > countMax) {
    throw new Violation("malformed", `${name} is no list of at most ${countMax}`);
  }
  return value.map((item: unknown) => read({ [name]: item }, name));
}

function objectOf(value: unknown, name: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new Violation("malformed", `${name} is no object`);
}
