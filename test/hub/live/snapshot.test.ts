// What is shown of very many sockets.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Ledger } from "../../../src/hub/live/ledger.js";
import { Snapshot } from "../../../src/hub/live/snapshot.js";
import type { LiveSnapshot } from "../../../src/hub/page/messages.js";
import type { Visitor } from "../../../src/hub/visitor.js";
import { Visitors } from "../../../src/hub/visitors.js";
import { ManualClock } from "../../support/manual-clock.js";
import { noTotals } from "../../support/snapshots.js";

class Crowd {
  readonly clock = new ManualClock();
  readonly ledger = new Ledger(this.clock);
  readonly visitors = new Visitors();
  readonly members: { readonly traffic: { bytesIn: number } }[] = [];

  constructor(count: number, reason = "") {
    const tell = this.ledger.observer("plain");
    for (let id = 1; id <= count; id += 1) {
      tell({ name: "accepted", id, kind: "connection", remote: `tcp://192.0.2.1:${id}` });
      for (let step = 0; step < 15; step += 1) tell({ name: "half-closed", id, kind: "connection", reason });
      const traffic = { bytesIn: 0, bytesOut: 0, pendingBytes: 0, unreadBytes: 0 };
      const member = { id, traffic, messagesIn: 0, messagesOut: 0, link: undefined };
      this.members.push(member);
      this.visitors.add(member as unknown as Visitor);
    }
    for (let id = count + 1; id <= count + 200; id += 1) {
      tell({ name: "closed", id, kind: "connection", by: "remote", reason });
    }
  }

  member(id: number): Visitor {
    return this.members[id - 1] as unknown as Visitor;
  }

  look(watcher?: Visitor): { readonly seen: LiveSnapshot; readonly bytes: number } {
    const { ledger, visitors } = this;
    const bytes = new Snapshot({ ledger, visitors, totals: () => noTotals }, 0, 0).for(watcher as Visitor);
    return { seen: JSON.parse(new TextDecoder().decode(bytes)), bytes: bytes.length };
  }
}

test("those that move most come first, and the rest is counted", () => {
  const crowd = new Crowd(1_000);
  crowd.look();
  for (const id of [7, 500, 999])
    (crowd.members[id - 1] as { traffic: { bytesIn: number } }).traffic.bytesIn += id;
  const { seen } = crowd.look();
  assert.deepEqual(
    seen.sockets.slice(0, 4).map(({ id }) => id),
    [999, 500, 7, 1_000],
  );
  assert.ok(seen.sockets.length <= 200);
  assert.equal(seen.socketsTotal, 1_000);
});

test("one's own is always among them, once", () => {
  const crowd = new Crowd(1_000);
  const { seen } = crowd.look(crowd.member(1));
  assert.deepEqual(
    seen.sockets.filter(({ isYou }) => isYou).map(({ id }) => id),
    [1],
  );
  assert.equal(seen.sockets.filter(({ id }) => id === 1).length, 1);
});

test("it is one message of a session, whatever peers gave as reasons", () => {
  const { seen, bytes } = new Crowd(1_000, "\u{1f600}".repeat(200)).look();
  assert.ok(bytes < 262_144, `${bytes} bytes`);
  assert.ok(seen.sockets.length > 10 && seen.closed.length > 10);
});
