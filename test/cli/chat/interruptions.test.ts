// What a person is told of a link that breaks and comes back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Interruptions } from "../../../src/cli/chat/interruptions.js";
import type { LifecycleEvent, SessionState } from "../../../src/index.js";
import { ManualClock } from "../../support/manual-clock.js";

class Link {
  readonly clock = new ManualClock();
  readonly notes: string[] = [];
  readonly interruptions = new Interruptions((line) => this.notes.push(line), this.clock);
  state: SessionState = { name: "open" };

  tell(name: LifecycleEvent["name"], reason?: string): void {
    this.interruptions.observer({ name, id: 1, kind: "session", reason });
  }

  cutLink(): void {
    if (this.state.name === "open") this.tell("resuming", "the link was cut here");
  }
}

test("a cut of one's own is told at once, and its end with how long it took", () => {
  const link = new Link();
  link.interruptions.cut(link);
  assert.deepEqual(link.notes, ["link cut; resuming…"]);
  link.clock.advance(12);
  link.tell("resumed");
  link.clock.advance(100);
  assert.deepEqual(link.notes.slice(1), ["back after 12 ms, nothing lost"]);
});

test("what came meanwhile is counted, while it is still arriving too", () => {
  const link = new Link();
  for (const messages of [1, 3]) {
    link.tell("resuming", "the peer ended the link");
    link.tell("resumed");
    for (let count = 0; count < messages; count += 1) link.interruptions.heard();
    link.clock.advance(100);
    link.interruptions.heard();
  }
  assert.deepEqual(link.notes, [
    "link lost (the peer ended the link); resuming…",
    "back after 1 ms, nothing lost (1 message came meanwhile)",
    "link lost (the peer ended the link); resuming…",
    "back after 1 ms, nothing lost (3 messages came meanwhile)",
  ]);
});

test("that it is back is told before the next break, and before the end", () => {
  const link = new Link();
  for (const next of ["resuming", "closed"] as const) {
    link.tell("resuming", "reset");
    link.tell("resumed");
    link.notes.length = 0;
    link.tell(next, "reset");
    assert.equal(link.notes[0], "back after 1 ms, nothing lost");
  }
});

test("while there is no link there is none to cut", () => {
  const link = new Link();
  link.state = { name: "resuming" };
  link.interruptions.cut(link);
  assert.deepEqual(link.notes, ["there is no link to cut: still resuming…"]);
});

test("what happens to the links themselves is not told", () => {
  const link = new Link();
  link.interruptions.observer({ name: "closed", id: 2, kind: "connection", reason: "reset" });
  assert.deepEqual(link.notes, []);
});
