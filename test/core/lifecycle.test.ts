// Telling an observer: it hears each event as it happens, and its own failure stays its own.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { type LifecycleEvent, lifecycleNames, nextSocketId, tell } from "../../src/core/lifecycle.js";

const event: LifecycleEvent = { name: "open", id: 1, kind: "connection", remote: "tcp://127.0.0.1:1" };

test("socket ids are never given twice", () => {
  const ids = Array.from({ length: 1_000 }, nextSocketId);
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual(
    ids,
    ids.toSorted((a, b) => a - b),
  );
});

test("a life begins as created and has the names that the documentation gives", () => {
  assert.deepEqual(lifecycleNames, [
    "created",
    "bound",
    "listening",
    "accepted",
    "open",
    "half-closed",
    "closed",
    "refused",
  ]);
});

test("an observer hears the event itself, at once", () => {
  const observer = mock.fn();
  tell(observer, event);
  assert.deepEqual(
    observer.mock.calls.map((call) => call.arguments),
    [[event]],
  );
});

test("without an observer nothing happens", () => {
  assert.doesNotThrow(() => tell(undefined, event));
});

test("what an observer throws never reaches the socket, and never goes unseen", (t) => {
  const later: (() => void)[] = [];
  t.mock.method(globalThis, "queueMicrotask", (callback: () => void) => later.push(callback));
  tell(() => {
    throw new Error("observer broke");
  }, event);
  assert.equal(
    later.length,
    1,
    "it is thrown from a microtask of its own, where it is an uncaught exception",
  );
  assert.throws(() => later[0]?.(), { message: "observer broke" });
});
