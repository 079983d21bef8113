import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { connect } from "../../src/connection/connect.js";
import { ClientHandshake } from "../../src/protocol/session/client-handshake.js";
import type { ResumeKey } from "../../src/protocol/session/handshake-bodies.js";
import { sessionLimits } from "../../src/protocol/session/session-limits.js";
import { openSession } from "../../src/session/on-node.js";
import { serveSessions } from "../../src/session/serve-sessions.js";
import { simulate, type World } from "../../src/testing/simulate.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { RawClient } from "../support/raw-client.js";
import { ack, text } from "../support/session-side.js";
import { Guests, place, serving } from "../support/sessions.js";

suite("who comes to the door", () => {
  test("and says nothing is cut after the handshake's time", () =>
    simulate({}, async (world) => {
      const { server } = await serving(world, { server: { handshakeMs: 2_000 } });
      const silent = await connect(place, world.options);
      const before = world.now();
      await silent.closed;
      assert.ok(Math.abs(world.now() - before - 2_000) < 50);
      assert.deepEqual([server.stats.open, server.stats.refused], [0, 1]);
    }));

  test("one byte at a time has no longer", () =>
    simulate({}, async (world) => {
      await serving(world);
      const slow = await connect(place, world.options);
      const before = world.now();
      const { output } = new ClientHandshake({ limits: sessionLimits() });
      for (const byte of output) {
        const isOpen = await slow.send(Uint8Array.of(byte)).then(
          () => true,
          () => false,
        );
        if (!isOpen) break;
        await world.sleep(100);
      }
      assert.ok(world.now() - before < 5_500);
    }));

  const foreigners = {
    "a browser": [
      "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
      /^HTTP\/1\.1 \d+ [\s\S]*Holdfast sessions are served here/,
    ],
    "a plain program": ["hello there, whoever you are\n", /^Holdfast sessions are served here/],
  } as const;
  for (const [who, [said, answer]] of Object.entries(foreigners)) {
    test(`and is ${who} is told so in words of its own`, () =>
      simulate({}, async (world) => {
        const { server } = await serving(world);
        const foreign = await connect(place, world.options);
        await foreign.send(text(said));
        let heard = "";
        for await (const chunk of foreign) heard += new TextDecoder().decode(chunk);
        assert.match(heard, answer);
        await foreign.close();
        assert.equal(server.stats.refused, 1);
      }));
  }

  test("and hangs up in the middle is gone, and costs nothing", () =>
    simulate({}, async (world) => {
      const { server } = await serving(world);
      for (const size of [0, 5, 20]) {
        const half = await connect(place, world.options);
        const { output } = new ClientHandshake({ limits: sessionLimits() });
        if (size > 0) await half.send(output.subarray(0, size));
        await half.end();
        await half.closed;
        const gone = await connect(place, world.options);
        if (size > 0) await gone.send(output.subarray(0, size));
        gone.abort();
      }
      await world.sleep(100);
      assert.deepEqual([server.stats.open, server.stats.sessions], [0, 0]);
      assert.equal(world.clock.pending, 0, "no timer is left");
    }));

  test("and fails too often is cut without a word, for a while; and nobody else there pays for it", async () => {
    const clock = new VirtualClock();
    const server = await serveSessions(
      "tcp://127.0.0.1:0",
      async (session) => {
        for await (const message of session) await session.send(message);
      },
      { clock },
    );
    const isAnswered = async () => {
      const foreign = await connect(server.endpoint);
      await foreign.send(text("hello there, whoever you are\n"));
      const heard = await foreign.receive().catch(() => undefined);
      foreign.abort();
      return heard !== undefined;
    };
    let answers = 0;
    for (let count = 0; count < 80; count += 1) if (await isAnswered()) answers += 1;
    assert.equal(answers, 64);
    // From the same address: a new session, and one that resumes.
    const client = await openSession(server.endpoint);
    client.cutLink();
    await client.send(Uint8Array.of(1));
    assert.deepEqual(await client.receive(), Uint8Array.of(1));
    assert.equal(await isAnswered(), false);
    clock.advance(1_000);
    assert.equal(await isAnswered(), true);
    await client.close();
    await server.drain();
  });
});

suite("security", () => {
  /** A session of a raw client, whose key the story has. */
  async function keyed(world: World) {
    const { guests, server } = await serving(world);
    const raw = await RawClient.dial(world);
    const coming = guests.next();
    const key = await raw.hello();
    await raw.send(ack(0));
    return { raw, key, served: await coming, server };
  }

  const outcomeOf = async (world: World, bytes: Uint8Array) => {
    const raw = await RawClient.dial(world);
    await raw.send(bytes);
    let heard = new Uint8Array(0);
    for (;;) {
      const chunk = await raw.connection.receive().catch(() => undefined);
      if (chunk === undefined) break;
      heard = new Uint8Array([...heard, ...chunk]);
    }
    return new TextDecoder().decode(heard.subarray(9 + 12));
  };

  test("bytes of a RESUME that were captured are worth nothing once they were taken", () =>
    simulate({}, async (world) => {
      const { key, served, raw } = await keyed(world);
      raw.connection.abort();
      const handshake = new ClientHandshake({ resume: { key, received: 0 } });
      const real = await RawClient.dial(world);
      const captured = handshake.output.slice();
      assert.equal((await real.ask(handshake)).kind, "resumed");
      for (let count = 0; count < 3; count += 1) {
        assert.match(await outcomeOf(world, captured), /"code":"stale"/);
      }
      assert.equal(served.state.name, "open", "the real client's link was not touched");
      await served.send("x");
      const frames = [];
      for (let one = await real.frame(); one !== undefined; one = await real.frame()) {
        frames.push(one.name);
        if (one.name === "data") break;
      }
      assert.equal(frames.at(-1), "data");
    }));

  test("bytes of a RESUME that were held back last until the real client comes again, and no longer", () =>
    simulate({}, async (world) => {
      const { key, served, raw } = await keyed(world);
      const { output: heldBack } = new ClientHandshake({ resume: { key, received: 0 } });
      const thief = await RawClient.dial(world);
      await thief.send(heldBack);
      await raw.rest();
      await world.sleep(100);
      assert.equal(served.stats.links, 2, "the real client's link is cut");
      const real = await RawClient.dial(world);
      assert.equal(await real.resume(key, 0), 0);
      await thief.connection.closed;
      assert.match(await outcomeOf(world, heldBack), /"code":"stale"/);
      assert.deepEqual([served.state.name, served.stats.links], ["open", 3]);
    }));

  test("a wrong proof and an unknown id are told alike, and cost the real client nothing", () =>
    simulate({}, async (world) => {
      const { key, served, raw } = await keyed(world);
      const asking = (change: Partial<ResumeKey>) =>
        new ClientHandshake({ resume: { key: { ...key, ...change }, received: 0 } }).output;
      const wrongProof = await outcomeOf(world, asking({ secret: new Uint8Array(32) }));
      const unknownId = await outcomeOf(world, asking({ id: "0".repeat(32) }));
      assert.match(wrongProof, /"code":"unknown"/);
      assert.equal(wrongProof, unknownId);
      assert.equal(served.stats.links, 1);
      await raw.send(ack(0));
      assert.equal(served.state.name, "open");
    }));

  test("nobody is locked out by who fails in their name, however often", () =>
    simulate({}, async (world) => {
      const { key, served, raw } = await keyed(world);
      const wrong = new ClientHandshake({
        resume: { key: { ...key, secret: new Uint8Array(32) }, received: 0 },
      }).output;
      for (let count = 0; count < 200; count += 1) await outcomeOf(world, wrong);
      raw.connection.abort();
      const again = await RawClient.dial(world);
      await again.resume(key, 0);
      assert.equal(served.state.name, "open");
    }));

  test("a RESUME that was changed on its way is refused; so is one that asks for other terms with a valid proof", () =>
    simulate({}, async (world) => {
      const { key, served } = await keyed(world);
      const { output } = new ClientHandshake({ resume: { key, received: 0 } });
      const changed = output.slice();
      const at = new TextDecoder().decode(output).indexOf('"received":0') + '"received":'.length;
      changed[at] = 0x31;
      assert.match(await outcomeOf(world, changed), /"code":"unknown"/);
      const other = { ...key.clientLimits, streamsMax: 1 };
      const asking = new ClientHandshake({ resume: { key: { ...key, clientLimits: other }, received: 0 } });
      assert.match(await outcomeOf(world, asking.output), /"code":"changed"/);
      assert.equal(served.stats.links, 1);
    }));

  test("a session of one server is nobody's at another", () =>
    simulate({}, async (world) => {
      const { key } = await keyed(world);
      world.crash(place);
      await serving(world, {}, new Guests());
      const { output } = new ClientHandshake({ resume: { key, received: 0 } });
      assert.match(await outcomeOf(world, output), /"code":"unknown"/);
    }));
});
