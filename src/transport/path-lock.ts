// A lock between processes: a file that only one of them can make.
// Invariant: one holder at a time; one that died holding it keeps the others waiting for `deadMs` only.

import { readFile, unlink, writeFile } from "node:fs/promises";

import type { Clock } from "../core/clock.js";
import { pause } from "../core/deadline.js";
import { systemCode } from "./system-errors.js";

/** Far longer than anybody holds it. A process's number would tell sooner, but containers may share files and not numbers. */
const deadMs = 5_000;
const askAgainMs = 10;

/** Runs `body` while nobody else holds `path`. @throws the system's own error if the file cannot be made. */
export async function withPathLock<T>(path: string, clock: Clock, body: () => Promise<T>): Promise<T> {
  const mine = crypto.randomUUID();
  await take(path, mine, clock);
  try {
    return await body();
  } finally {
    await giveBack(path, mine);
  }
}

async function take(path: string, mine: string, clock: Clock): Promise<void> {
  const never = new AbortController().signal;
  let seen: { readonly holder: string | undefined; readonly at: number } | undefined;
  for (;;) {
    try {
      return await writeFile(path, mine, { flag: "wx" });
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
    }
    const holder = await holderOf(path);
    if (seen === undefined || seen.holder !== holder) seen = { holder, at: clock.now() };
    else if (holder !== undefined && clock.now() - seen.at >= deadMs) await giveBack(path, holder);
    await pause(clock, askAgainMs, never);
  }
}

/** Removes the lock of `holder`, unless it is another's by now. */
async function giveBack(path: string, holder: string): Promise<void> {
  if ((await holderOf(path)) === holder) await unlessGone(unlink(path));
}

function holderOf(path: string): Promise<string | undefined> {
  return unlessGone(readFile(path, "utf8"));
}

async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
