import assert from "node:assert/strict";
import { test } from "node:test";
import { Store } from "../../../src/page/parts/store.js";

test("whoever follows is told of each change, until it wants no more", () => {
  const store = new Store(1);
  const seen: number[] = [];
  const stop = store.follow((value) => void seen.push(value));
  store.set(2);
  store.set(2);
  store.change((value) => value + 1);
  stop();
  store.set(9);
  assert.deepEqual(seen, [2, 3]);
  assert.equal(store.value, 9);
});

test("a follower may leave while it is told", () => {
  const store = new Store("a");
  const seen: string[] = [];
  const stop = store.follow((value) => {
    seen.push(`one ${value}`);
    stop();
  });
  store.follow((value) => void seen.push(`two ${value}`));
  store.set("b");
  store.set("c");
  assert.deepEqual(seen, ["one b", "two b", "two c"]);
});
