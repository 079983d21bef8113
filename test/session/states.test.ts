import assert from "node:assert/strict";
import { test } from "node:test";
import { type SessionState, StateBoard } from "../../src/session/states.js";

test("who follows sees the state now, then the newest each time it has changed, and closed last", async () => {
  let state: SessionState = { name: "open" };
  const board = new StateBoard(() => state);
  const set = (next: SessionState) => {
    state = next;
    board.change();
  };
  const follower = board.follow();
  assert.equal((await follower.next()).value?.name, "open");
  const waiting = follower.next();
  set({ name: "resuming", why: "cut" });
  assert.deepEqual((await waiting).value, { name: "resuming", why: "cut" });
  set({ name: "open" });
  set({ name: "draining" });
  assert.equal((await follower.next()).value?.name, "draining", "never a queue of old ones");
  set({ name: "closed" });
  assert.equal((await follower.next()).value?.name, "closed");
  assert.equal((await follower.next()).done, true);
  assert.equal((await board.follow().next()).value?.name, "closed");
});
