import assert from "node:assert/strict";
import { test } from "node:test";

import { labNames, labs } from "../../../src/hub.js";

test("every experiment has its check and its run", () => {
  assert.deepEqual(Object.keys(labs), [...labNames]);
  for (const name of labNames) assert.throws(() => labs[name].check(undefined), /an order is an object/);
  assert.deepEqual(labs.bytes.check({ messages: ["a"], framing: "none", readBytes: 1 }).messages, ["a"]);
  assert.deepEqual(labs.life.check({ steps: ["listen"] }).steps, ["listen"]);
  assert.equal(labs.cut.check({ how: "reset", messages: 10 }).how, "reset");
  assert.equal(labs.kinds.check({ messages: 10, lossPercent: 5, seed: 1 }).lossPercent, 5);
});

test("an experiment runs by its name, one after the other", async () => {
  const told: string[] = [];
  const emit = ({ event }: { readonly event: string }) => void told.push(event);
  await labs.life.run({ steps: ["listen"] }, emit);
  assert.deepEqual(told, ["began", "happened", "ended"]);
});
