// The hub's sockets as their events tell of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { LifecycleEvent } from "../../../src/core/lifecycle.js";
import { Ledger } from "../../../src/hub/live/ledger.js";
import { ManualClock } from "../../support/manual-clock.js";

function written() {
  const clock = new ManualClock();
  const ledger = new Ledger(clock);
  const observe = ledger.observer("plain");
  const tell = (name: LifecycleEvent["name"], id: number, more: Partial<LifecycleEvent> = {}) =>
    observe({ name, id, kind: "connection", ...more });
  return { clock, ledger, tell };
}

test("a socket's life is one entry, from its first event to its last", () => {
  const { clock, ledger, tell } = written();
  tell("accepted", 1, { local: "tcp://127.0.0.1:1", remote: "tcp://127.0.0.1:2" });
  tell("open", 1);
  assert.equal(ledger.size, 1);
  const entry = ledger.find(1);
  assert.deepEqual([entry?.door, entry?.state, entry?.remote], ["plain", "open", "tcp://127.0.0.1:2"]);
  clock.advance(1_500);
  tell("half-closed", 1, { by: "remote" });
  assert.equal(entry?.state, "half-closed");
  tell("closed", 1, { by: "network", reason: "connection reset" });
  assert.deepEqual([...ledger.sockets], []);
  const [gone] = ledger.closed;
  assert.deepEqual([gone?.lifeMs, gone?.by, gone?.reason], [1_500, "network", "connection reset"]);
  assert.deepEqual(
    gone?.timeline.map(({ name, detail }) => [name, detail]),
    [
      ["accepted", undefined],
      ["open", undefined],
      ["half-closed", "remote"],
      ["closed", "network: connection reset"],
    ],
  );
});

test("of many that have closed the newest are kept, newest first", () => {
  const { ledger, tell } = written();
  for (let id = 1; id <= 150; id += 1) {
    tell("open", id);
    tell("closed", id, { by: "local", reason: "ended" });
  }
  assert.equal(ledger.closed.length, 100);
  assert.deepEqual([ledger.closed[0]?.id, ledger.closed.at(-1)?.id], [150, 51]);
  assert.equal(ledger.size, 0);
});

test("of a long life its beginning and its newest steps are kept", () => {
  const { ledger, tell } = written();
  tell("created", 1, { kind: "session", session: "ab" });
  for (let count = 0; count < 40; count += 1) {
    tell("resuming", 1, { reason: `cut ${count}` });
    tell("resumed", 1);
  }
  const timeline = ledger.find(1)?.timeline ?? [];
  assert.equal(timeline.length, 16);
  assert.equal(timeline[0]?.name, "created");
  assert.equal(timeline.at(-2)?.detail, "cut 39");
});

test("what peers gave as a reason does nothing where it is shown, and is short", () => {
  const { ledger, tell } = written();
  tell("closed", 1, { by: "remote", reason: `\u001b[2J\u202e${"x".repeat(1_000)}` });
  const [gone] = ledger.closed;
  assert.match(gone?.reason ?? "", /^\\x1b\[2J\\u\{202e\}x{100,120}$/);
});

test("refusals and datagrams are no sockets of its", () => {
  const { ledger, tell } = written();
  tell("refused", 1, { kind: "listener" });
  tell("created", 2, { kind: "datagram" });
  assert.equal(ledger.size, 0);
});
