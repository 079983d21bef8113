// What a hostile peer, or a careless application, once could do to a session or its server; each a story of its own.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { connect } from "../../src/connection/connect.js";
import type { Encoding } from "../../src/protocol/encoding/encoding.js";
import { text } from "../../src/protocol/encoding/text.js";
import { controlFrame } from "../../src/protocol/session/frames.js";
import { encodeClose } from "../../src/protocol/session/words.js";
import { openSession } from "../../src/session/on-node.js";
import { simulate } from "../../src/testing/simulate.js";
import { RawClient } from "../support/raw-client.js";
import { ack } from "../support/session-side.js";
import { dialling, endOf, opened, place, serving } from "../support/sessions.js";

suite("a link of a session that ended at once is gone soon", () => {
  test("when an honest client aborts", () =>
    simulate({ latencyMs: 1 }, async (world) => {
      const { client, server } = await opened(world);
      client.abort("enough");
      await world.sleep(5_000);
      assert.deepEqual([server.stats.open, server.stats.sessions], [0, 0]);
    }));

  test("when a client says so and then nothing more", () =>
    simulate({ latencyMs: 1 }, async (world) => {
      const { server } = await serving(world);
      const client = await RawClient.dial(world);
      await client.hello();
      await client.send(ack(0));
      await client.send(controlFrame("close", encodeClose({ final: 0, code: "x", reason: "" })));
      await world.sleep(5_000);
      assert.deepEqual([server.stats.open, server.stats.sessions], [0, 0]);
    }));

  test("when the peer takes nothing of our last word", () =>
    simulate({ latencyMs: 1, sendBufferBytes: 1_024, receiveBufferBytes: 1_024 }, async (world) => {
      const { client, server, served } = await opened(world);
      for (const cable of world.cables) cable.hold("accepted");
      served.send("x".repeat(200_000)).catch(() => {});
      await world.sleep(50);
      served.abort("enough");
      await world.sleep(5_000);
      assert.equal(server.stats.open, 0);
      client.abort();
    }));
});

suite("what an application throws harms its own session alone", () => {
  for (const thrown of [
    Object.create(null),
    Object.assign(new Error(), { message: {} }),
    undefined,
    Symbol("x"),
  ]) {
    test(`a handler that throws ${typeof thrown} without a text`, () =>
      simulate({}, async (world) => {
        const told: unknown[] = [];
        const handler = async () => {
          throw thrown;
        };
        const { server } = await serving(world, {
          handler,
          server: { onError: (error) => void told.push(error) },
        });
        const client = await dialling(world);
        await client.closed;
        assert.deepEqual(told, [thrown]);
        await world.sleep(5_000);
        assert.equal(server.stats.sessions, 0);
      }));
  }

  test("an encoding that cannot be opened: no session, and the server goes on", () =>
    simulate({}, async (world) => {
      let opens = 0;
      const broken: Encoding<string> = {
        ...text(),
        open() {
          opens += 1;
          if (opens === 1) throw new Error("not now");
          return text().open();
        },
      };
      const warned = new Promise<Error>((resolve) => process.once("warning", resolve));
      await serving(world, { server: { encoding: broken } });
      await assert.rejects(dialling(world), { code: "ERR_CONNECTION_RESET" });
      assert.match((await warned).message, /not now/);
      const client = await dialling(world);
      await client.close();
      assert.equal((await endOf(client)).code, undefined);
    }));
});

test("flush rejects for a send that waited and was never taken", () =>
  simulate({}, async (world) => {
    const { client, served } = await opened(world, { server: { limits: { mainCreditBytes: 300_000 } } });
    await client.send("x".repeat(200_000));
    const waiting = client.send("y".repeat(200_000));
    const flushed = client.flush();
    const outcomes = Promise.allSettled([waiting, flushed]);
    await world.sleep(10);
    void served.close();
    assert.deepEqual(
      (await outcomes).map(({ status }) => status),
      ["rejected", "rejected"],
    );
  }));

test("calls of open that wait for the peer are bounded", () =>
  simulate({}, async (world) => {
    const { client } = await opened(world, { server: { limits: { streamsMax: 1 } } });
    await client.open("the one");
    const waiting = Array.from({ length: 1_100 }, (_, index) => client.open(`${index}`));
    const refused = (
      await Promise.all(waiting.slice(1_024).map((each) => each.then(String, ({ code }) => code)))
    ).length;
    assert.equal(refused, 76);
    for (const each of waiting) each.catch(() => {});
    client.abort();
  }));

test("an openSession that is given up in the moment of its answer leaves no session behind", () =>
  simulate({}, async (world) => {
    const { server } = await serving(world);
    const stop = new AbortController();
    const observer = ({ kind, name }: { readonly kind: string; readonly name: string }) => {
      if (kind === "session" && name === "open") stop.abort(new Error("changed my mind"));
    };
    const opening = openSession(place, { ...world.options, signal: stop.signal, observer });
    await assert.rejects(opening, { message: "changed my mind" });
    await world.sleep(10_000);
    assert.deepEqual([server.stats.open, server.stats.sessions], [0, 0]);
  }));

test("after an abort nothing is read, however much of a message had come", () =>
  simulate({ bytesPerMs: 100 }, async (world) => {
    const { client, served } = await opened(world);
    void served.send("x".repeat(20_000));
    for (let ms = 0; ms < 50; ms += 1) await world.sleep(1);
    client.abort("enough");
    await assert.rejects(client.receive(), { code: "ERR_CLOSED" });
  }));

test("clients that say HELLO and go are kept for the handshake's time, among those that have no link", () =>
  simulate({}, async (world) => {
    const { server } = await serving(world, { server: { detachedSessionsMax: 3, handshakeMs: 1_000 } });
    for (let count = 0; count < 10; count += 1) {
      const client = await RawClient.dial(world);
      await client.hello();
      client.connection.abort();
      await world.sleep(1);
    }
    assert.ok(server.stats.sessions <= 4, `${server.stats.sessions} sessions`);
    await world.sleep(2_000);
    assert.equal(server.stats.sessions, 0);
    const plain = await connect(place, world.options);
    plain.abort();
  }));
