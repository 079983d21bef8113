import assert from "node:assert/strict";
import { test } from "node:test";
import { atTurnEnd, taskTurns } from "../../src/core/turn.js";

test("Node's own next tick is the end of a turn: there is no detour", () => {
  assert.equal(atTurnEnd, process.nextTick);
});

test("elsewhere it comes behind the microtasks, all of one turn in one task, in order", async () => {
  const channel = new MessageChannel();
  const atTaskEnd = taskTurns(channel as unknown as Parameters<typeof taskTurns>[0]);
  const seen: string[] = [];
  const see = (name: string) => void seen.push(name);
  atTaskEnd(see, "first");
  atTaskEnd(see, "second");
  for (let turn = 0; turn < 10; turn += 1) await undefined;
  assert.deepEqual(seen, []);
  await new Promise<void>((resolve) => {
    atTaskEnd(see, "third");
    atTaskEnd(resolve, undefined);
  });
  channel.port1.close();
  assert.deepEqual(seen, ["first", "second", "third"]);
});

test("what one callback throws is reported, and the others are called", async () => {
  const channel = new MessageChannel();
  const atTaskEnd = taskTurns(channel as unknown as Parameters<typeof taskTurns>[0]);
  const warned = new Promise((resolve) => process.once("warning", resolve));
  const called = new Promise<void>((resolve) => {
    atTaskEnd(() => {
      throw new Error("a mistake");
    }, undefined);
    atTaskEnd(() => resolve(), undefined);
  });
  await called;
  channel.port1.close();
  assert.equal(((await warned) as Error).message, "a mistake");
});
