// What is made of files, and made again when they have changed; what cannot be made leaves the old in its place.
// Invariant: there is always a value that was whole once; a change is tried once, and a bad one told once.

import { readFileSync, statSync } from "node:fs";

import type { Clock } from "../../core/clock.js";
import { UsageError } from "../../core/errors.js";
import { reasonText } from "../../core/reason.js";

/** Gives the text of an option's value: itself if it is PEM, else that of the file which it names. */
export type ReadPem = (option: string, value: string, label: string) => string;

/** Files are looked at when somebody asks, at most so often. */
const lookEveryMs = 1_000;

export class FromFiles<T> {
  readonly #make: (read: ReadPem) => T;
  readonly #clock: Clock;
  readonly #onBad: (reason: string) => void;
  #value: T;
  /** How each file looked when it was read. */
  #seen = new Map<string, string>();
  #lookedAt: number;

  /**
   * @param make Reads all that it needs by its argument; what it throws the first time goes to the caller.
   * @param onBad Told why a change was not taken.
   */
  constructor(make: (read: ReadPem) => T, clock: Clock, onBad: (reason: string) => void) {
    this.#make = make;
    this.#clock = clock;
    this.#onBad = onBad;
    this.#lookedAt = clock.now();
    this.#value = this.#made();
  }

  /** The newest that was good. */
  get current(): T {
    const now = this.#clock.now();
    if (this.#seen.size === 0 || now - this.#lookedAt < lookEveryMs) return this.#value;
    this.#lookedAt = now;
    const before = this.#seen;
    if (![...before].some(([path, look]) => lookOf(path) !== look)) return this.#value;
    try {
      this.#value = this.#made();
    } catch (error) {
      // All that it reads when all is well, so that the next change of any of it is tried.
      for (const path of before.keys()) if (!this.#seen.has(path)) this.#seen.set(path, lookOf(path));
      this.#onBad(reasonText(error));
    }
    return this.#value;
  }

  #made(): T {
    const seen = new Map<string, string>();
    this.#seen = seen;
    return this.#make((option, value, label) => {
      const isText = value.includes("-----BEGIN ");
      // Looked at before it is read: what is written in between is another change.
      if (!isText) seen.set(value, lookOf(value));
      const text = isText ? value : fileText(option, value);
      if (new RegExp(`-----BEGIN [A-Z0-9 ]*${label}-----`).test(text)) return text;
      const where = isText ? "" : `, the file ${value},`;
      throw new UsageError(`${option}${where} has no PEM block ${label}`);
    });
  }
}

function fileText(option: string, path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch (cause) {
    const advice = "give PEM, or the path of a file that has it";
    throw new UsageError(`${option} cannot be read: ${reasonText(cause)}`, { advice, cause });
  }
}

/** Through symbolic links: another file in the same place looks different, and so does the same one written again. */
function lookOf(path: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch {
    return "missing";
  }
}
