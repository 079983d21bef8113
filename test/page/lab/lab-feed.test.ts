import assert from "node:assert/strict";
import { test } from "node:test";
import type { Session } from "../../../src/index.js";
import { openLab } from "../../../src/page/lab/lab-feed.js";
import { fakeLink, until } from "../../support/fake-link.js";

/** Each run says its own name and order, what it is told, and ends when it is told to; `bad` is refused. */
async function hub(session: Session<unknown, unknown>): Promise<void> {
  for await (const stream of session.streams()) {
    void (async () => {
      const order = await stream.receive();
      if (JSON.stringify(order).includes("bad")) return stream.abort("that is no order");
      await stream.send({ name: stream.name, order });
      for await (const step of stream) {
        if (step === "server-closes") return stream.end();
        await stream.send({ step });
      }
    })().catch(() => {});
  }
}

test("a run is a stream of its name: its order, steps by hand, and events until it ends", async () => {
  await using link = await fakeLink(hub);
  const { life } = openLab(link);
  life.start({ steps: ["listen"] });
  await until(life.run, ({ events }) => events.length === 1);
  life.step("connect");
  await until(life.run, ({ events }) => events.length === 2);
  life.step("server-closes");
  const run = await until(life.run, ({ isRunning }) => !isRunning);
  assert.deepEqual(run.events as unknown[], [
    { name: "lab.life", order: { steps: ["listen"] } },
    { step: "connect" },
  ]);
  assert.equal(run.problem, undefined);
});

test("the next run ends the one before, whose events are not seen any more", async () => {
  await using link = await fakeLink(hub);
  const { cut } = openLab(link);
  cut.start({ how: "reset", messages: 10 });
  cut.start({ how: "close", messages: 20 });
  await until(cut.run, ({ events }) => events.length === 1);
  cut.start({ how: "half-open", messages: 30 });
  const run = await until(cut.run, ({ events }) => events.length === 1);
  assert.deepEqual(run.events as unknown[], [{ name: "lab.cut", order: { how: "half-open", messages: 30 } }]);
});

test("an order that is refused is a problem in words", async () => {
  await using link = await fakeLink(hub);
  const { bytes } = openLab(link);
  bytes.start({ messages: ["bad"], framing: "none", readBytes: 1 });
  const { problem } = await until(bytes.run, ({ isRunning }) => !isRunning);
  assert.equal(problem, "that is no order");
});

test("without a link there is no experiment", async () => {
  await using link = await fakeLink(hub);
  link.session.set(undefined);
  const { kinds } = openLab(link);
  kinds.start({ messages: 10, lossPercent: 5, seed: 1 });
  const { problem } = await until(kinds.run, ({ isRunning }) => !isRunning);
  assert.equal(problem, "there is no link to the hub just now");
});
