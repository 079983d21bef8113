// A hub as a whole: what it is opened with, what it tells, and how it ends.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createHub, type HubOptions } from "../../src/hub.js";
import { connect, UsageError } from "../../src/index.js";
import { heard, testHub } from "./support/hub.js";

suite("a hub opens", () => {
  test("its plain door on the endpoint given, with the port that was chosen", async () => {
    await using hub = await createHub({ plain: "tcp://127.0.0.1:0" });
    assert.match(hub.plain, /^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/);
    assert.deepEqual(hub.endpoints, []);
  });

  test("nothing it cannot: an address in use is told with its code", async () => {
    await using room = await testHub({ plain: "tcp://127.0.0.1:0", endpoints: ["tcp://127.0.0.1:0"] });
    const [sessions = ""] = room.hub.endpoints;
    await assert.rejects(createHub({ plain: room.hub.plain }), { code: "ERR_ADDRESS_IN_USE" });
    const plain = "memory:beside-a-door-in-use";
    await assert.rejects(createHub({ plain, endpoints: [sessions] }), { code: "ERR_ADDRESS_IN_USE" });
    await assert.rejects(connect(plain), { code: "ERR_CONNECTION_REFUSED" });
  });

  const beyond = ["tcp://*:0", "tcp://0.0.0.0:0", "tcp://192.0.2.1:0", "tcp://example.com:0"];
  for (const plain of [...beyond, "tcp://127.example.com:0"]) {
    test(`nothing in the clear beyond this machine, such as ${plain}, unless told to`, async () => {
      for (const doors of [{ plain }, { plain: "memory:never", endpoints: ["memory:nor-this", plain] }]) {
        await assert.rejects(createHub(doors), (error) => {
          assert.ok(error instanceof UsageError);
          assert.match(error.message, /in the clear.*allowCleartext \(--allow-cleartext\)/);
          return true;
        });
      }
    });
  }

  test("everywhere, if told to", async () => {
    await using hub = await createHub({ plain: "tcp://*:0", allowCleartext: true });
    const port = hub.plain.split(":").at(-1);
    const connection = await connect(`tcp://127.0.0.1:${port}`);
    await connection.close();
  });
});

suite("options are checked before anything is opened:", () => {
  const wrong: [name: string, options: Partial<HubOptions>, message: RegExp][] = [
    ["a bad endpoint", { plain: "tcp://127.0.0.1:port" }, /"port" is no port/],
    ["a bad bound", { roomHistoryMax: 0 }, /roomHistoryMax must be a whole number of at least 1, got 0/],
    ["a bad time", { plainQuietMs: -1 }, /plainQuietMs must be/],
  ];
  for (const [name, options, message] of wrong) {
    test(name, () =>
      assert.rejects(createHub({ plain: "memory:never", ...options }), { name: "UsageError", message }),
    );
  }

  test("no door at all", async () => {
    for (const options of [{}, { endpoints: [] }]) {
      await assert.rejects(createHub(options), { name: "UsageError", message: /there is no door/ });
    }
  });

  test("one endpoint that is no list", () =>
    assert.rejects(createHub({ endpoints: "memory:never" as unknown as string[] }), {
      name: "UsageError",
      message: /endpoints is no list; pass endpoints: \[/,
    }));

  test("a door that is not built yet", async () => {
    const options = { plain: "memory:never", backplane: "nats://127.0.0.1:1" };
    await assert.rejects(createHub(options), { name: "UsageError", message: /backplane is not built yet/ });
  });
});

test("it counts who is in the room, and what happened", async () => {
  await using room = await testHub();
  const ada = await room.enter();
  await room.enter();
  const { members, open, accepted, refused, events } = room.hub.stats;
  assert.deepEqual({ members, open, accepted, refused }, { members: 2, open: 2, accepted: 2, refused: 0 });
  assert.equal(events.joined, 2);
  await ada.send("bye");
  await heard(ada, /^bye$/);
  assert.equal(room.hub.stats.members, 1);
});

test("it turns away who comes above connectionsMax, and those inside stay", async () => {
  await using room = await testHub({ connectionsMax: 1 });
  const ada = await room.enter();
  const late = await connect(room.hub.plain);
  await late.closed;
  assert.equal(room.hub.stats.refused, 1);
  await ada.send("/echo here");
  assert.equal(await ada.receive(), "guide: here");
});

test("it cuts a member that was idle for too long, where that is asked for, and says so", async () => {
  await using room = await testHub({ idleTimeoutMs: 60_000 });
  const idle = await room.enter();
  room.clock.advance(61_000);
  await room.inTime(idle.closed);
  assert.match(room.events.at(-1)?.reason ?? "", /no byte either way/);
});

test("it tells of the life of each socket, beside what happens in the room", async () => {
  const steps: string[] = [];
  await using room = await testHub({ observer: ({ name }) => steps.push(name) });
  const ada = await room.enter();
  await ada.close();
  await room.inTime(room.hub.drain());
  for (const step of ["open", "closed"]) assert.ok(steps.includes(step), step);
  assert.deepEqual(
    room.events.map(({ name }) => name),
    ["joined", "left"],
  );
});

test("a drain tells the members, lets nobody in, and ends once they have gone", async () => {
  const room = await testHub({ plain: "tcp://127.0.0.1:0" });
  const members = [await room.enter(), await room.enter()];
  const unheard = await connect(room.hub.plain);
  const drained = room.hub.drain();
  for (const member of members) {
    assert.equal((await heard(member, /closing/)).at(-1), "* the hub is closing; goodbye");
    assert.equal(await member.receive(), undefined);
    await member.close();
  }
  await unheard.close();
  assert.deepEqual(await drained, { cut: 0 });
  assert.equal(room.hub.stats.open, 0);
  await assert.rejects(connect(room.hub.plain), { code: "ERR_CONNECTION_REFUSED" });
  assert.deepEqual(await room.hub.drain(), { cut: 0 });
});

test("a drain ends a member's pause, too", async () => {
  const room = await testHub({ roomPaceBytes: 4 });
  const ada = await room.enter();
  const bob = await room.enter();
  await bob.send("this will take a while");
  await bob.send("and this is never said");
  await room.inTime(heard(ada, /a while/));
  const drained = room.hub.drain();
  assert.equal((await heard(ada, /closing/)).at(-1), "* the hub is closing; goodbye");
  await Promise.all([ada.close(), bob.close()]);
  assert.deepEqual(await room.inTime(drained), { cut: 0 });
});

test("an observer that throws ends no visit, and becomes a warning", async () => {
  const warned = new Promise<Error>((resolve) => process.once("warning", resolve));
  await using room = await testHub({
    onEvent: () => {
      throw new Error("a mistake in the observer");
    },
  });
  const ada = await room.enter();
  await ada.send("/echo well");
  assert.equal(await ada.receive(), "guide: well");
  assert.match((await warned).message, /a mistake in the observer/);
});
