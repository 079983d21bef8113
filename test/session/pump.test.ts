import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { frameTypes } from "../../src/protocol/session/frames.js";
import type { ResumeKey } from "../../src/protocol/session/handshake-bodies.js";
import { decodeClose, encodeClose } from "../../src/protocol/session/words.js";
import { simulate, type World } from "../../src/testing/simulate.js";
import { Alarm } from "../support/alarm.js";
import { RawClient } from "../support/raw-client.js";
import { ack, counters, frame, text } from "../support/session-side.js";
import { endOf, opened, type StoryOptions, serving, type TextSession } from "../support/sessions.js";

interface Odd {
  readonly raw: RawClient;
  readonly key: ResumeKey;
  readonly served: TextSession;
}

/** A session whose client keeps to nothing. */
async function odd(world: World, options: StoryOptions = {}): Promise<Odd> {
  const { guests } = await serving(world, options);
  const raw = await RawClient.dial(world);
  const coming = guests.next();
  const key = await raw.hello();
  await raw.send(ack(0));
  return { raw, key, served: await coming };
}

const data = (seq: number, words: string) => frame("data", { seq, payload: text(words) });

/** Each of these costs a link; the same again costs the session. */
const violations: { readonly [what: string]: [wire: Uint8Array, reason: RegExp] } = {
  "a type that does not exist": [frame(0x3f), /no frame type/],
  "a frame of the handshake": [frame("reject"), /reject after the handshake/],
  "a missing frame": [data(3, "x"), /frame 2 is missing/],
  "a message for a stream that never began": [frame("data", { seq: 2, stream: 7 }), /never began/],
  "a message beyond messageBytesMax": [data(2, "x".repeat(65)), /data with 65 bytes/],
  "a counter that is too large": [frame("ack", { payload: new Uint8Array(8).fill(255) }), /2\^53/],
  "credit that falls": [frame("credit", { payload: counters(0, 0) }), /taken back/],
};
const limits = { messageBytesMax: 64, streamCreditBytes: 64, mainCreditBytes: 128 };

suite("a peer that breaks the protocol", () => {
  for (const [what, [wire, reason]] of Object.entries(violations)) {
    test(`with ${what} loses its link; the session resumes, and the same again is its end by name`, () =>
      simulate({}, async (world) => {
        const { raw, key, served } = await odd(world, { server: { limits } });
        await raw.send(data(1, "before"));
        await raw.send(wire);
        await raw.rest();
        assert.equal(served.state.name, "resuming");
        assert.match(String(served.state.why), /the peer broke the protocol: /);
        assert.match(String(served.state.why), reason);

        const again = await RawClient.dial(world);
        assert.equal(await again.resume(key, 0), 1);
        assert.equal(served.state.name, "open");
        await again.send(wire);
        const last = (await again.rest()).find(({ name }) => name === "close");
        assert.equal(decodeClose(last?.payload ?? text("")).code, "protocol");
        const end = await endOf(served);
        assert.deepEqual([end.by, end.code], ["remote", "ERR_INVALID_BYTES"]);
        assert.match(end.reason, reason);
        assert.equal(await served.receive(), "before", "what had arrived stays readable");
        await assert.rejects(served.receive(), { code: "ERR_INVALID_BYTES", by: "remote" });
      }));
  }

  test("at another place each time has another chance each time, and links that are merely cut never count", () =>
    simulate({}, async (world) => {
      const { raw, key, served } = await odd(world);
      let link = raw;
      for (let seq = 1; seq <= 5; seq += 1) {
        await link.send(data(seq, `${seq}`));
        await link.send(frame(0x3f));
        await link.rest();
        for (let cuts = 0; cuts < 3; cuts += 1) {
          link = await RawClient.dial(world);
          await link.resume(key, 0);
          if (cuts < 2) link.connection.abort();
        }
      }
      for (let seq = 1; seq <= 5; seq += 1) assert.equal(await served.receive(), `${seq}`);
      assert.equal(served.state.name, "open");
    }));

  test("harms nobody else", () =>
    simulate({}, async (world) => {
      const { client, served, server } = await opened(world);
      const raw = await RawClient.dial(world);
      await raw.hello();
      await raw.send(ack(0));
      await raw.send(frame(0x3f));
      await raw.rest();
      await client.send("x");
      assert.equal(await served.receive(), "x");
      assert.equal(server.stats.sessions, 2);
    }));

  test("by more than was sent, or behind its own last frame, ends the session at once", () =>
    simulate({}, async (world) => {
      for (const wire of [
        ack(7),
        frame("close", { payload: encodeClose({ final: 0, code: "closed", reason: "" }) }),
      ]) {
        const { raw, served } = await odd(world).catch(() => again(world));
        await raw.send(wire);
        if (wire[3] === frameTypes.close) await raw.send(data(1, "behind the end"));
        const frames = await raw.rest();
        assert.ok(frames.some(({ name }) => name === "close"));
        assert.equal((await endOf(served)).code, "ERR_INVALID_BYTES");
        world.crash("memory:hub");
      }
    }));
});

/** The place is free again. */
function again(world: World): Promise<Odd> {
  return odd(world);
}

suite("signs of life", () => {
  test("a link over which nothing comes any more is cut, and the session goes on over another", () =>
    simulate({}, async (world) => {
      const { client, served } = await opened(world, {
        client: { heartbeat: { pingAfterMs: 1_000, deadAfterMs: 3_000 } },
      });
      const [first] = world.cables;
      first?.hold();
      await client.send("x");
      const before = world.now();
      assert.equal(await served.receive(), "x");
      const took = world.now() - before;
      assert.ok(took > 2_000 && took < 4_000, `${took} ms`);
      assert.equal(client.stats.links, 2);
    }));

  test("an idle session stays open for ever, over one link", () =>
    simulate({ withinMs: 4 * 3_600_000 }, async (world) => {
      const { client, served } = await opened(world);
      await world.sleep(2 * 3_600_000);
      assert.deepEqual([client.stats.links, served.stats.links], [1, 1]);
      assert.equal(client.state.name, "open");
    }));

  test("a process that was asleep asks before it blames its link", () =>
    simulate({ withinMs: 2 * 3_600_000 }, async (world) => {
      const { client, served } = await opened(world);
      await world.sleep(100);
      world.clock.jump(3_600_000);
      await world.sleep(1_000);
      assert.deepEqual([client.stats.links, served.stats.links], [1, 1]);
    }));
});

suite("when this side wakes", () => {
  test("a link that died meanwhile is replaced within the time for a probe", () =>
    simulate({}, async (world) => {
      const alarm = new Alarm();
      const { client, served } = await opened(world, { wakes: alarm.wakes });
      for (const cable of world.cables) cable.hold();
      const before = world.now();
      alarm.ring();
      await client.send("x");
      assert.equal(await served.receive(), "x");
      const took = world.now() - before;
      assert.ok(took >= 2_000 && took < 3_000, `${took} ms`);
    }));

  test("a link that lives goes on, however often it is asked", () =>
    simulate({}, async (world) => {
      const alarm = new Alarm();
      const { client } = await opened(world, { wakes: alarm.wakes });
      for (let count = 0; count < 100; count += 1) {
        alarm.ring();
        await world.sleep(count);
      }
      assert.equal(client.stats.links, 1);
    }));

  test("nobody is asked once the session is over", () =>
    simulate({}, async (world) => {
      const alarm = new Alarm();
      const { client } = await opened(world, { wakes: alarm.wakes });
      assert.equal(alarm.sleepers, 1);
      await client.close();
      assert.equal(alarm.sleepers, 0);
      alarm.ring();
    }));
});

suite("what goes out", () => {
  test("messages of one turn leave in one write; many leave early", () =>
    simulate({ segments: "whole", latencyMs: 1 }, async (world) => {
      const { raw, served } = await odd(world);
      for (let count = 0; count < 100; count += 1) void served.send(`${count}`);
      const sizes: number[] = [];
      while ((sizes.at(-1) ?? 0) < 100) sizes.push((await raw.connection.receive())?.length ?? 0);
      assert.ok((sizes.at(-1) ?? 0) > 100 * 12, `${sizes} bytes`);
      const bytes = served.stats.bytesSent;
      for (let count = 0; count < 10; count += 1) void served.send("x".repeat(20_000));
      assert.ok(served.stats.bytesSent > bytes, "before the turn ended");
    }));

  test("a peer that reads nothing of its link makes nobody lose memory or count", () =>
    simulate({ sendBufferBytes: 1_000, receiveBufferBytes: 1_000 }, async (world) => {
      const { client, served } = await opened(world);
      for (let count = 0; count < 200; count += 1) await client.send("x".repeat(1_000));
      for (let count = 0; count < 3; count += 1) {
        await world.sleep(5);
        for (const cable of world.cables) cable.reset();
      }
      for (let count = 0; count < 200; count += 1) assert.equal((await served.receive())?.length, 1_000);
      await client.flush();
      assert.equal(client.stats.unacknowledgedBytes, 0);
    }));
});

test("an end of the link in order is a break like any other, while the session is open", () =>
  simulate({}, async (world) => {
    const { client } = await opened(world);
    for (const cable of world.cables) cable.end();
    await world.sleep(1_000);
    assert.equal(client.state.name, "open");
    assert.ok(client.stats.links > 1);
  }));

test("an end at once is told in the very turn, since a page that closes has no other", () =>
  simulate({}, async (world) => {
    const { client, served } = await opened(world);
    const { bytesSent } = client.stats;
    client.abort("the page was closed");
    assert.ok(client.stats.bytesSent > bytesSent);
    assert.match((await endOf(served)).reason, /the page was closed/);
  }));
