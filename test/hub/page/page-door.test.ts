// Pages in the room, over a network that breaks, in virtual time.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { inPage, told } from "../support/page.js";

suite("a page", () => {
  test("talks in JSON, and has back what it said under its number", () =>
    inPage(async ({ enter }) => {
      const [ada, bob] = [await enter(), await enter()];
      await ada.send({ type: "name", name: "ada" });
      assert.deepEqual(await told(bob, "renamed"), { type: "renamed", from: "guest-1", to: "ada" });
      await ada.send({ type: "say", id: 7, text: "hello" });
      assert.deepEqual(await told(ada, "said"), { type: "said", n: 1, from: "ada", text: "hello", id: 7 });
      assert.deepEqual(await told(bob, "said"), { type: "said", n: 1, from: "ada", text: "hello" });
    }));

  test("whose link is cut misses nothing, and says nothing twice", () =>
    inPage(async ({ enter }) => {
      const [ada, bob] = [await enter(), await enter()];
      for (let id = 0; id < 50; id += 1) {
        await ada.send({ type: "say", id, text: `${id}` });
        if (id % 10 === 5) ada.cutLink();
        if (id % 10 === 8) bob.cutLink();
      }
      for (let n = 1; n <= 50; n += 1) {
        assert.deepEqual([(await told(bob, "said")).n, (await told(ada, "said")).id], [n, n - 1]);
      }
    }));

  test("that says too much at once is told so by its number, and nobody sees it", () =>
    inPage(async ({ enter, events }) => {
      const ada = await enter();
      await ada.send({ type: "say", id: 1, text: "é".repeat(4_097) });
      const { text, id } = await told(ada, "note");
      assert.match(text, /more than 8192 bytes/);
      assert.equal(id, 1);
      await ada.send({ type: "say", id: 2, text: "x".repeat(60_000) });
      assert.equal((await told(ada, "note")).id, undefined);
      assert.deepEqual(events.map(({ name }) => name).slice(-2), ["too-long", "too-long"]);
      await ada.send({ type: "say", id: 3, text: "\u0001".repeat(8_192) });
      assert.equal((await told(ada, "said")).n, 1);
    }));

  test("that sends what is no message is told what one is, and stays", () =>
    inPage(async ({ enter, hall }) => {
      const ada = await enter();
      for (const wrong of [null, [], "say", { type: "shout", text: "x" }, { type: "say", id: 1, text: 5 }]) {
        await ada.send(wrong);
        assert.match((await told(ada, "note")).text, /^a message is JSON: say/);
      }
      assert.equal(hall.room.size, 1);
    }));

  test("leaves in order, or with a reason", () =>
    inPage(async ({ enter }) => {
      const [ada, bob, eve] = [await enter(), await enter(), await enter()];
      await bob.close();
      assert.equal((await told(ada, "left")).reason, undefined);
      eve.abort("\u001b[2Jgone\u202e");
      const { name, reason = "" } = await told(ada, "left");
      assert.equal(name, "guest-3");
      assert.match(reason, /gone/);
      assert.doesNotMatch(reason, /[\p{Cc}\p{Bidi_Control}]/u);
    }));
});

suite("streams", () => {
  test("that are none are ended with what there is, and the page stays", () =>
    inPage(async ({ enter, hall }) => {
      const ada = await enter();
      const stream = await ada.open("files");
      await assert.rejects(stream.receive(), /there is live, and lab\./);
      assert.equal(hall.room.size, 1);
    }));

  test("of the lab run what the page orders", () =>
    inPage(
      async ({ enter }) => {
        const stream = await (await enter()).open("lab.cut", { message: { how: "reset", messages: 10 } });
        assert.deepEqual(await stream.receive(), { order: { how: "reset", messages: 10 } });
        assert.equal(await stream.receive(), undefined);
      },
      { runner: async (_name, order, emit) => emit({ order } as never) },
    ));

  test("whose work fails by our own mistake end, and the page is not told why", async (t) => {
    const warn = t.mock.method(process, "emitWarning", () => {});
    await inPage(
      async ({ enter }) => {
        const stream = await (await enter()).open("lab.cut", { message: {} });
        await assert.rejects(stream.receive(), /the hub made a mistake/);
      },
      { runner: () => Promise.reject(new TypeError("secret")) },
    );
    assert.match(String(warn.mock.calls[0]?.arguments[0]), /secret/);
  });
});
