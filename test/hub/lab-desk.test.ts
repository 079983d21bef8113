// Where pages order experiments, with experiments that the test holds in its hands.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { LabRunner } from "../../src/hub/lab-desk.js";
import { inPage, type Page } from "./support/page.js";

const order = (page: Page, name = "lab.life") => page.open(name, { message: { steps: [] } });

/** Runs until it is stopped, and tells of each step. */
const stepping: LabRunner = async (_name, _order, emit, { signal, steps }) => {
  await emit({ event: "began" } as never);
  for await (const step of steps) await emit({ event: step } as never);
  signal.throwIfAborted();
};

suite("an experiment", () => {
  test("is told of steps by hand, and is over when they end", () =>
    inPage(
      async ({ enter }) => {
        const stream = await order(await enter());
        assert.deepEqual(await stream.receive(), { event: "began" });
        await stream.send("listen");
        assert.deepEqual(await stream.receive(), { event: "listen" });
        await stream.end();
        assert.equal(await stream.receive(), undefined);
      },
      { runner: stepping },
    ));

  test("is stopped when its page aborts it, or goes", () =>
    inPage(
      async ({ enter, world }) => {
        const ada = await enter();
        const stream = await order(ada);
        await stream.receive();
        stream.abort();
        await ada.flush();
        await world.sleep(100);
        const again = await order(ada);
        assert.deepEqual(await again.receive(), { event: "began" });
      },
      { runner: stepping },
    ));

  test("that is none is refused by name", () =>
    inPage(async ({ enter }) => {
      const stream = await order(await enter(), "lab.nuclear");
      await assert.rejects(stream.receive(), /the experiments are bytes, life, cut, kinds/);
    }));

  test("whose order is nothing, or no JSON, ends with what is wrong", () =>
    inPage(async ({ enter }) => {
      const ada = await enter();
      const silent = await ada.open("lab.life", { end: true });
      await assert.rejects(silent.receive(), /the first message is the order/);
    }));

  test("ends when its page begins another, which begins once it is over", () =>
    inPage(
      async ({ enter }) => {
        const ada = await enter();
        const [first, second, third] = [await order(ada), await order(ada), await order(ada)];
        assert.deepEqual(await third.receive(), { event: "began" });
        for (const ended of [first, second]) {
          await assert.rejects(async () => {
            while ((await ended.receive()) !== undefined);
          }, /another experiment has begun/);
        }
        await third.send("listen");
        assert.deepEqual(await third.receive(), { event: "listen" });
      },
      { runner: stepping },
    ));

  test("runs one at a time for a page, and eight in all", () =>
    inPage(
      async ({ enter }) => {
        const pages: Page[] = [];
        for (let count = 0; count < 9; count += 1) pages.push(await enter());
        const [ada, ...others] = pages as [Page, ...Page[]];
        await (await order(ada)).receive();
        await (await order(ada)).receive();
        for (const page of others.slice(0, 7)) await (await order(page)).receive();
        await assert.rejects((await order(others[7] as Page)).receive(), /8 experiments run already/);
      },
      { runner: stepping },
    ));

  test("that nobody has ordered yet takes no place", () =>
    inPage(
      async ({ enter }) => {
        for (let count = 0; count < 8; count += 1) await (await enter()).open("lab.life");
        const stream = await order(await enter());
        assert.deepEqual(await stream.receive(), { event: "began" });
      },
      { runner: stepping },
    ));

  test("takes so many steps by hand, and no more", () =>
    inPage(
      async ({ enter }) => {
        const stream = await order(await enter());
        for (let count = 0; count < 210; count += 1) await stream.send("listen").catch(() => {});
        await assert.rejects(async () => {
          while ((await stream.receive()) !== undefined);
        }, /at most 200 steps/);
      },
      { runner: stepping },
    ));
});
