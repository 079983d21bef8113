// Visits by session, over a network that breaks, in virtual time.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { keptBytesMax } from "../../src/hub/session-door.js";
import { createHub, type Hub, type HubEvent, type HubOptions } from "../../src/hub.js";
import { connect, lines, type OpenSessionOptions, openSession, type Session, text } from "../../src/index.js";
import { simulate, type World } from "../../src/testing.js";
import { heard } from "./support/hub.js";
// Loaded at once, since virtual time does not wait for files.
import "../../src/session/on-node.js";
import "../../src/session/serve-sessions.js";

interface Story {
  readonly world: World;
  readonly hub: Hub;
  readonly events: HubEvent[];
  /** Comes in and reads its greeting. */
  enter(options?: OpenSessionOptions<string>): Promise<Session<string>>;
}

function inRoom(options: HubOptions, story: (story: Story) => Promise<void>): Promise<void> {
  return simulate({}, async (world) => {
    const events: HubEvent[] = [];
    const onEvent = (event: HubEvent) => void events.push(event);
    await using hub = await createHub({
      ...world.options,
      endpoints: ["memory:room"],
      onEvent,
      ...options,
    });
    const enter = async (more: OpenSessionOptions<string> = {}) => {
      const member = await openSession("memory:room", { encoding: text(), ...world.options, ...more });
      await heard(member, /^guide: welcome/);
      return member;
    };
    await story({ world, hub, events, enter });
  });
}

test("both doors lead into one room, where a message of a session is a line", () =>
  inRoom({ plain: "memory:plain" }, async ({ world, hub, events, enter }) => {
    assert.deepEqual(hub.endpoints, ["memory:room"]);
    const ada = await enter();
    const bob = await connect("memory:plain", { framing: lines(), ...world.options });
    await heard(bob, /welcome/);
    await ada.send("hello from a session");
    assert.deepEqual(await heard(bob, /hello/), ["guest-1: hello from a session"]);
    await bob.send("hello from a socket");
    assert.deepEqual(await heard(ada, /hello/), ["* guest-2 joined", "guest-2: hello from a socket"]);
    await ada.send("/who");
    assert.deepEqual(await heard(ada, /here/), ["guide: 3 here: guest-1 (you), guest-2, guide"]);
    assert.deepEqual(
      { ...hub.stats, events: {} },
      { members: 2, open: 2, accepted: 2, refused: 0, events: {} },
    );
    assert.equal(events[0]?.id, ada.id);
    await bob.close();
  }));

test("whoever joins is greeted line by line, with what was said before", () =>
  inRoom({}, async ({ world, enter }) => {
    const ada = await enter();
    await ada.send("first");
    await ada.send("/echo that was heard");
    await heard(ada, /that was/);
    const late = await openSession("memory:room", { encoding: text(), ...world.options });
    assert.deepEqual((await heard(late, /welcome/)).slice(1, 3), [
      "* said before you came:",
      "guest-1: first",
    ]);
  }));

test("bye is answered by bye, and closes the session in order", () =>
  inRoom({}, async ({ enter }) => {
    const ada = await enter();
    const bob = await enter();
    await bob.send("bye");
    assert.equal(await bob.receive(), "bye");
    assert.equal(await bob.receive(), undefined);
    assert.equal((await bob.closed).reason, "closed");
    assert.deepEqual(await heard(ada, /left/), ["* guest-2 joined", "* guest-2 left"]);
  }));

suite("a member whose link breaks", () => {
  test("stays a member, and misses nothing that is said meanwhile; the others are told nothing", () =>
    inRoom({}, async ({ world, hub, enter }) => {
      const ada = await enter();
      const bob = await enter();
      await heard(ada, /joined/);
      for (let line = 0; line < 50; line += 1) {
        if (line % 10 === 5) bob.cutLink();
        await ada.send(`line ${line}`);
        await bob.send(`answer ${line}`);
        if (line % 7 === 0) await world.sleep(30);
      }
      assert.deepEqual(
        await heard(bob, /line 49/),
        Array.from({ length: 50 }, (_, line) => `guest-1: line ${line}`),
      );
      assert.deepEqual(
        await heard(ada, /answer 49/),
        Array.from({ length: 50 }, (_, line) => `guest-2: answer ${line}`),
      );
      assert.ok(bob.stats.links > 1);
      assert.equal(hub.stats.members, 2);
    }));

  test("leaves with the reason if it does not come back in time", () =>
    inRoom({ sessionTtlMs: 60_000 }, async ({ world, events, enter }) => {
      const ada = await enter();
      const bob = await enter();
      await heard(ada, /joined/);
      bob.abort("gone without a word");
      const [, cable] = world.cables;
      cable?.hold();
      const [farewell] = await heard(ada, /left/);
      assert.match(farewell ?? "", /^\* guest-2 left: expired: no link for 60000 ms$/);
      assert.equal(events.at(-1)?.reason, "expired: no link for 60000 ms");
    }));
});

suite("a member that does not read", () => {
  const credit = { mainCreditBytes: 65_536, messageBytesMax: 65_536 };
  const line = "x".repeat(1_000);

  test("is let go by name once its credit is used up, and the others hear all", () =>
    inRoom({}, async ({ enter }) => {
      const ada = await enter();
      const bob = await enter();
      const sleeper = await enter({ limits: credit });
      await bob.send("/name bob");
      const speaking = (async () => {
        for (let count = 0; count < 100; count += 1) await bob.send(line);
        await bob.send("done");
      })();
      const all = await heard(ada, /done/);
      await speaking;
      assert.equal(all.filter((said) => said === `bob: ${line}`).length, 100);
      assert.ok(all.includes("* guest-3 was disconnected: reads too slowly"));
      const { error } = await sleeper.closed;
      assert.match(error?.message ?? "", /reads too slowly/);
    }));

  test("is let go however much it has asked for, and so costs no more than another", () =>
    inRoom({}, async ({ world, hub, enter }) => {
      const ada = await enter();
      const greedy = await enter({ limits: { mainCreditBytes: 2 ** 31 } });
      await heard(ada, /joined/);
      [...world.cables].at(-1)?.hold();
      const long = "x".repeat(8_000);
      let sentBytes = 0;
      while (hub.stats.members === 2 && sentBytes < 4 * keptBytesMax) {
        await ada.send(long);
        sentBytes += long.length;
        await world.sleep(20);
      }
      assert.equal(hub.stats.events.slow, 1);
      assert.ok(sentBytes < 2 * keptBytesMax, String(sentBytes));
      greedy.abort();
    }));

  test("because it has no link just now is waited for, as long as its credit lasts", () =>
    inRoom({}, async ({ world, enter }) => {
      const ada = await enter();
      const bob = await enter({ limits: credit });
      await heard(ada, /joined/);
      const cable = [...world.cables].at(-1);
      cable?.hold();
      for (let count = 0; count < 50; count += 1) await ada.send(line);
      await world.sleep(10_000);
      cable?.heal();
      await ada.send("done");
      assert.equal((await heard(bob, /done/)).length, 51);
    }));
});

test("a member that takes no messages as long as the room's lines ends alone, and is told why", () =>
  inRoom({}, async ({ world, enter }) => {
    const ada = await enter();
    const limits = { messageBytesMax: 64 };
    const tiny = await openSession("memory:room", { ...world.options, limits });
    const { error } = await tiny.closed;
    assert.match(error?.message ?? "", /messageBytesMax is 64/);
    const told = await heard(ada, /left/);
    assert.match(told.at(-1) ?? "", /^\* guest-2 left: .*messageBytesMax is 64/);
  }));

test("a line that is too long is told to its sender, and the next one is heard", () =>
  inRoom({ plainLineBytesMax: 100 }, async ({ hub, enter }) => {
    const ada = await enter();
    const bob = await enter();
    await bob.send("x".repeat(101));
    await bob.send("short");
    assert.deepEqual(await heard(ada, /short/), ["* guest-2 joined", "guest-2: short"]);
    assert.match((await bob.receive()) ?? "", /^\* that line has more than 100 bytes/);
    assert.equal(hub.stats.events["too-long"], 1);
  }));

test("whoever floods the room is read more slowly, and nobody is let go", () =>
  inRoom({ roomPaceBytes: 65_536 }, async ({ world, hub, enter }) => {
    const ada = await enter();
    const flooder = await enter();
    const flooding = (async () => {
      for (let count = 0; count < 300; count += 1) await flooder.send("x".repeat(1_000));
      await flooder.send("done");
    })();
    const all = await heard(ada, /done/);
    await flooding;
    assert.equal(all.length, 302);
    assert.ok(world.now() > 3_000, "300 KB at 64 KiB/s");
    assert.equal(hub.stats.events.slow, 0);
  }));

test("a member that aborts is a line that says so", () =>
  inRoom({}, async ({ enter }) => {
    const ada = await enter();
    const rude = await enter();
    rude.abort("enough");
    assert.match((await heard(ada, /left/)).at(-1) ?? "", /^\* guest-2 left: .*\(enough\)$/);
  }));

test("there are no streams in a room", () =>
  inRoom({}, async ({ enter }) => {
    const ada = await enter();
    await assert.rejects(ada.open("aside"), { name: "LimitError", limit: "streamsMax" });
  }));

test("a drain tells the members, and their sessions end in order", () =>
  inRoom({}, async ({ hub, enter }) => {
    const members = [await enter(), await enter()];
    members[0]?.cutLink();
    const drained = hub.drain();
    for (const member of members) {
      assert.equal((await heard(member, /closing/)).at(-1), "* the hub is closing; goodbye");
      assert.equal(await member.receive(), undefined);
    }
    assert.deepEqual(await drained, { cut: 0 });
  }));
