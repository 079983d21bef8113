// Those who watch, what they see, and what they may do.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { adminCode, inPage, told, watch } from "../support/page.js";

suite("whoever watches", () => {
  test("sees every socket with its life, and its own among them", () =>
    inPage(async ({ enter, world }) => {
      const [ada, bob] = [await enter(), await enter()];
      const live = await watch(ada);
      const first = await live.snapshot();
      await bob.send({ type: "say", id: 1, text: "hello" });
      await told(ada, "said");
      const second = await live.snapshot(({ totals }) => totals.messagesIn === 1);
      assert.equal(second.totals.members, 2);
      assert.equal((second.at - first.at) % 1_000, 0);
      assert.ok(world.clock.now() >= 1_000);
      const sessions = second.sockets.filter(({ kind }) => kind === "session");
      assert.deepEqual(sessions.map(({ session }) => session).sort(), [ada.id, bob.id].sort());
      const own = second.sockets.filter(({ isYou }) => isYou);
      assert.deepEqual(own.map(({ kind }) => kind).sort(), ["connection", "session"]);
      const mine = own.find(({ kind }) => kind === "session");
      assert.equal(mine?.session, ada.id);
      assert.equal(mine.state, "open");
      assert.deepEqual(
        mine.timeline.map(({ name }) => name),
        ["created", "open"],
      );
      assert.ok(mine.messagesOut >= 2 && mine.bytesOut > 0 && mine.silentMs !== undefined);
      const listener = second.sockets.find(({ kind }) => kind === "listener");
      assert.equal(listener?.state, "listening");
    }));

  test("sees sockets that have closed, and why", () =>
    inPage(async ({ enter }) => {
      const [ada, bob] = [await enter(), await enter()];
      const live = await watch(ada);
      await bob.close();
      const { closed } = await live.snapshot(({ closed }) => closed.some(({ kind }) => kind === "session"));
      const gone = closed.find(({ kind }) => kind === "session");
      assert.deepEqual([gone?.by, gone?.reason], ["remote", "closed"]);
    }));

  test("and reads slowly misses snapshots, and holds up nobody", () =>
    inPage(async ({ enter, world }) => {
      const [ada, bob] = [await enter(), await enter()];
      await watch(ada);
      const live = await watch(bob);
      for (let second = 0; second < 2_000; second += 1) await live.snapshot();
      assert.ok(world.clock.now() < 2_100_000);
      assert.ok(ada.canSend);
    }));

  test("and asks for another stream at once sees all of it no sooner", () =>
    inPage(async ({ enter }) => {
      const ada = await enter();
      const live = await watch(ada);
      const { at } = await live.snapshot();
      await live.stream.close();
      const again = await (await watch(ada)).snapshot();
      assert.ok(again.at >= at + 1_000);
    }));

  test("may stop, and then nothing is computed any more", () =>
    inPage(async ({ enter, world }) => {
      const ada = await enter();
      const live = await watch(ada);
      await live.snapshot();
      const watching = world.clock.pending;
      await live.stream.close();
      await ada.flush();
      await world.sleep(10);
      assert.equal(world.clock.pending, watching - 1);
    }));
});

suite("orders", () => {
  test("one's own link may always be cut, and comes back", () =>
    inPage(async ({ enter }) => {
      const ada = await enter();
      const live = await watch(ada);
      const { sockets } = await live.snapshot();
      const mine = sockets.find(({ isYou, kind }) => isYou && kind === "connection");
      const cut = live.order({ type: "cut", id: mine?.id });
      assert.equal(await cut, "done");
      const after = await live.snapshot(({ sockets }) =>
        sockets.some(({ isYou, kind, id }) => isYou && kind === "connection" && id !== mine?.id),
      );
      const session = after.sockets.find(({ isYou, kind }) => isYou && kind === "session");
      assert.deepEqual(
        session?.timeline.map(({ name }) => name),
        ["created", "open", "resuming", "resumed"],
      );
      assert.ok(after.closed.some(({ id }) => id === mine?.id));
    }));

  test("about others take the admin code, and so does all but a cut", () =>
    inPage(async ({ enter }) => {
      const [ada, bob] = [await enter(), await enter()];
      const live = await watch(ada);
      const { sockets } = await live.snapshot();
      const other = sockets.find(({ session }) => session === bob.id);
      const mine = sockets.find(({ session }) => session === ada.id);
      assert.match(await live.order({ type: "cut", id: other?.id }), /admin code/);
      assert.match(await live.order({ type: "disconnect", id: mine?.id }), /admin code/);
      assert.match(await live.order({ type: "unlock", code: "wrong" }), /not the hub's admin code/);
      assert.match(await live.order({ type: "cut", id: other?.id }), /admin code/);
      assert.equal(await live.order({ type: "unlock", code: adminCode }), "done");
      assert.equal(await live.order({ type: "cut", id: other?.id }), "done");
      assert.match(await live.order({ type: "cut", id: 999_999 }), /nobody comes over/);
      assert.equal(await live.order({ type: "disconnect", id: other?.id }), "done");
      assert.deepEqual(await told(ada, "left"), {
        type: "left",
        name: "guest-2",
        membersTotal: 1,
        reason: "disconnected by the hub's operator",
      });
      assert.equal((await bob.closed).reason, "closed");
    }));

  test("a member that is throttled is read at that pace, until it is not any more", () =>
    inPage(async ({ enter, world }) => {
      const [ada, bob] = [await enter(), await enter()];
      const live = await watch(ada);
      const other = (await live.snapshot()).sockets.find(({ session }) => session === bob.id);
      assert.equal(await live.order({ type: "unlock", code: adminCode }), "done");
      const throttle = (bytesPerSecond: number) =>
        live.order({ type: "throttle", id: other?.id, bytesPerSecond });
      assert.equal(await throttle(1_000), "done");
      const seen = await live.snapshot();
      const shown = seen.sockets.find(({ session }) => session === bob.id);
      assert.equal(shown?.throttledBytesPerSecond, 1_000);
      const began = world.clock.now();
      for (let id = 0; id < 6; id += 1) await bob.send({ type: "say", id, text: "x".repeat(1_000) });
      for (let n = 0; n < 6; n += 1) await told(ada, "said");
      assert.ok(world.clock.now() - began >= 4_000);
      assert.equal(await throttle(0), "done");
    }));

  test("five wrong codes end the stream, and the address waits", () =>
    inPage(async ({ enter }) => {
      const ada = await enter();
      const live = await watch(ada);
      for (let tries = 0; tries < 5; tries += 1) {
        assert.match(await live.order({ type: "unlock", code: `wrong ${tries}` }), /admin code/);
      }
      await assert.rejects(async () => {
        for (;;) await live.snapshot();
      }, /too many wrong codes/);
      const again = await watch(ada);
      assert.match(await again.order({ type: "unlock", code: adminCode }), /wait a minute/);
    }));

  test("what is no order ends the stream alone", () =>
    inPage(async ({ enter, hall }) => {
      const ada = await enter();
      const live = await watch(ada);
      await live.stream.send({ type: "shutdown" });
      await assert.rejects(async () => {
        for (;;) await live.snapshot();
      }, /an order is JSON/);
      assert.equal(hall.room.size, 1);
    }));
});
