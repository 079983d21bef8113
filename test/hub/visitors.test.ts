// All who visit, and what they have moved together.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Visitor } from "../../src/hub/visitor.js";
import { Visitors } from "../../src/hub/visitors.js";

const visitor = (messagesIn: number, bytesOut: number) =>
  ({
    messagesIn,
    messagesOut: 0,
    traffic: { bytesIn: 0, bytesOut, pendingBytes: 0, unreadBytes: 0 },
  }) as unknown as Visitor;

test("what was moved counts once, by those who are here and those who have gone", () => {
  const visitors = new Visitors();
  const [ada, bob] = [visitor(1, 10), visitor(2, 20)];
  visitors.add(ada);
  visitors.add(bob);
  const all = { messagesIn: 3, messagesOut: 0, bytesIn: 0, bytesOut: 30 };
  assert.deepEqual(visitors.moved, all);
  visitors.remove(ada);
  visitors.remove(ada);
  assert.deepEqual(visitors.moved, all);
  assert.deepEqual([...visitors], [bob]);
});
