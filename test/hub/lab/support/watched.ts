// A run of an experiment with all that it told, and what it left open.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";

import type { LabEvent, LabEvents, LabName } from "../../../../src/hub/lab/messages.js";
import type { Emit } from "../../../../src/hub/lab/run.js";

/** Every event, and those of one name. */
export class Events<Name extends LabName> {
  readonly all: LabEvent<Name>[] = [];
  readonly emit: Emit<Name> = (event) => void this.all.push(event);

  of<Event extends keyof LabEvents[Name] & string>(event: Event): LabEvents[Name][Event][] {
    const events = this.all.filter((one) => one.event === event);
    return events.map(({ data }) => data as unknown as LabEvents[Name][Event]);
  }

  texts(): string {
    return this.all.map(({ who, event, text }) => `${who} ${event}: ${text}`).join("\n");
  }
}

/** How many sockets, listeners, threads and descriptors this process has open, by kind. */
export function openHandles(): Map<string, number> {
  const open = new Map([["descriptors", readdirSync("/dev/fd").length]]);
  for (const kind of process.getActiveResourcesInfo()) {
    if (/TCP|UDP|Timeout|Worker|MessagePort/.test(kind)) open.set(kind, (open.get(kind) ?? 0) + 1);
  }
  return open;
}

/** What the system closes it closes within a few turns; what stays open beyond what was there fails the test. */
export async function closesAll(before: ReadonlyMap<string, number>): Promise<void> {
  const more = () => [...openHandles()].filter(([kind, count]) => count > (before.get(kind) ?? 0));
  for (let turn = 0; turn < 1_000 && more().length > 0; turn += 1) await new Promise(setImmediate);
  assert.deepEqual(more(), []);
}

/** Aborts at the nth event; nothing may stay open, and the reason is the signal's own. */
export async function abortedAt<Name extends LabName>(
  n: number,
  run: (emit: Emit<Name>, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const before = openHandles();
  const stop = new AbortController();
  const reason = new Error(`enough at event ${n}`);
  let told = 0;
  const emit = () => {
    told += 1;
    assert.ok(told <= n, "an event came behind the abort");
    if (told === n) stop.abort(reason);
  };
  await assert.rejects(run(emit, stop.signal), reason);
  assert.equal(told, n);
  await closesAll(before);
}
