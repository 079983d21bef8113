// Telling an observer: it hears each event as it happens, and its own failure stays its own.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import {
  type LifecycleEvent,
  type LifecycleObserver,
  lifecycleNames,
  nextSocketId,
  tell,
} from "../../src/core/lifecycle.js";

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
    "refused",
    "accepted",
    "open",
    "resuming",
    "resumed",
    "half-closed",
    "closed",
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

test("what an observer throws, at once or later, never reaches the socket, and never goes unseen", async (t) => {
  const emitWarning = t.mock.method(process, "emitWarning", () => {});
  const atOnce: LifecycleObserver = () => {
    throw new Error("broke at once");
  };
  const later: LifecycleObserver = () => Promise.reject(new Error("broke later"));
  tell(atOnce, event);
  tell(later, event);
  await undefined;
  const warned = emitWarning.mock.calls.map(({ arguments: [warning] }: { arguments: unknown[] }) => warning);
  assert.deepEqual(
    warned.map((warning) => (warning as Error).message),
    ["broke at once", "broke later"],
  );
});
