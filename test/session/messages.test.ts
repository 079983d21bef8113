import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { suite, test } from "node:test";
import { json } from "../../src/protocol/encoding/json.js";
import { text } from "../../src/protocol/encoding/text.js";
import { openSession } from "../../src/session/on-node.js";
import { serveSessions } from "../../src/session/serve-sessions.js";
import type { Session } from "../../src/session/session.js";
import { simulate } from "../../src/testing/simulate.js";
import { opened } from "../support/sessions.js";

/** Room for two small messages, which cost 64 bytes each, and no more. */
const tight = { messageBytesMax: 64, streamCreditBytes: 64, mainCreditBytes: 128, openBytesMax: 64 };

test("messages go both ways, one by one, in a loop, and in batches", () =>
  simulate({}, async (world) => {
    const { client, served } = await opened(world);
    await client.send("one");
    assert.equal(await served.receive(), "one");
    for (const word of ["two", "three", "four"]) await client.send(word);
    for await (const word of served) {
      assert.equal(word, "two");
      break;
    }
    await world.sleep(100);
    for await (const words of served.batches()) {
      assert.deepEqual(words, ["three", "four"]);
      break;
    }
    await served.send("and back");
    assert.equal(await client.receive(), "and back");
    assert.equal(client.stats.messagesSent, 4);
    assert.equal(served.stats.messagesReceived, 4);
  }));

test("send is done when the message is taken; flush when it is in the peer's process", () =>
  simulate({ latencyMs: 50 }, async (world) => {
    const { client, served } = await opened(world);
    const before = world.now();
    await client.send("taken");
    assert.equal(world.now(), before);
    assert.equal(client.stats.unacknowledgedBytes, 64);
    await client.flush();
    assert.ok(world.now() - before >= 100, "there and back");
    assert.equal(client.stats.unacknowledgedBytes, 0);
    assert.equal(served.stats.messagesReceived, 0, "nobody has read it");
    await client.flush();
    assert.equal(await served.receive(), "taken");
  }));

test("flush waits for what waits itself, ends with its signal, and fails with its session", () =>
  simulate({}, async (world) => {
    const { client, served } = await opened(world, { server: { limits: tight } });
    for (const word of ["a", "b"]) await client.send(word);
    const waiting = client.send("c");
    const stop = new AbortController();
    const givenUp = client.flush({ signal: stop.signal });
    await world.sleep(10_000);
    stop.abort(new Error("no time"));
    await assert.rejects(givenUp, { message: "no time" });
    assert.equal(getEventListeners(stop.signal, "abort").length, 0);
    await assert.rejects(client.flush({ signal: stop.signal }), { message: "no time" });

    const flushed = client.flush({ signal: new AbortController().signal });
    assert.equal(await served.receive(), "a");
    await flushed;
    await waiting;

    for (const cable of world.cables) cable.hold();
    await served.send("into the void");
    const never = served.flush();
    served.abort("enough");
    await assert.rejects(never, { code: "ERR_CLOSED", message: /aborted here \(enough\)/ });
    await assert.rejects(served.flush(), { code: "ERR_CLOSED" });
  }));

suite("a slow reader", () => {
  test("makes send wait for credit, first come, first served, and trySend say no", () =>
    simulate({}, async (world) => {
      const { client, served } = await opened(world, { server: { limits: tight } });
      assert.equal(client.trySend("a"), true);
      assert.equal(client.trySend("b"), true);
      assert.equal(client.trySend("c"), false);
      const order: string[] = [];
      const sends = ["d", "e", "f"].map((word) => client.send(word).then(() => order.push(word)));
      await world.sleep(10_000);
      assert.deepEqual(order, []);
      const read: (string | undefined)[] = [];
      for (let count = 0; count < 5; count += 1) read.push(await served.receive());
      await Promise.all(sends);
      assert.deepEqual(order, ["d", "e", "f"]);
      assert.deepEqual(read, ["a", "b", "d", "e", "f"]);
    }));

  test("an acknowledgement that does not come makes send wait for room", () =>
    simulate({}, async (world) => {
      const limits = { ...tight, outboxBytesMax: 128 };
      const { client, served } = await opened(world, { client: { limits } });
      for (const cable of world.cables) cable.hold("accepted");
      assert.equal(client.trySend("a"), true);
      assert.equal(client.trySend("b"), true);
      assert.equal(client.trySend("c"), false);
      let isTaken = false;
      const send = client.send("d").then(() => {
        isTaken = true;
      });
      await world.sleep(1_000);
      assert.equal(isTaken, false);
      for (const cable of world.cables) cable.heal();
      await send;
      for (const word of ["a", "b", "d"]) assert.equal(await served.receive(), word);
    }));

  test("a send that is aborted while it waits is not sent, and leaves nothing on its signal", () =>
    simulate({}, async (world) => {
      const { client, served } = await opened(world, { server: { limits: tight } });
      for (const word of ["a", "b"]) await client.send(word);
      const stop = new AbortController();
      const given = client.send("never", { signal: stop.signal });
      const kept = new AbortController();
      const sent = client.send("c", { signal: kept.signal });
      stop.abort(new Error("changed my mind"));
      await assert.rejects(given, { message: "changed my mind" });
      await assert.rejects(client.send("nor this", { signal: stop.signal }), { message: "changed my mind" });
      for (const word of ["a", "b", "c"]) assert.equal(await served.receive(), word);
      await sent;
      kept.abort();
      assert.equal(getEventListeners(stop.signal, "abort").length, 0);
      assert.equal(getEventListeners(kept.signal, "abort").length, 0);
    }));

  test("too many sends that nobody awaits are refused", () =>
    simulate({}, async (world) => {
      const { client } = await opened(world, { server: { limits: tight } });
      const sends = Array.from({ length: 2 + 1_024 }, () => client.send("x"));
      await assert.rejects(client.send("one more"), {
        code: "ERR_LIMIT",
        limit: "sendCallsMax",
        message: /await each send/,
      });
      client.abort();
      await Promise.allSettled(sends);
    }));

  test("and the bytes of those that wait are bounded too", () =>
    simulate({}, async (world) => {
      const { client } = await opened(world);
      const sends = Array.from({ length: 6 }, () => client.send("x".repeat(262_144)));
      await assert.rejects(client.send("x"), { code: "ERR_LIMIT", limit: "sendBufferBytes" });
      client.abort();
      await Promise.allSettled(sends);
    }));

  test("a send that waits fails with the session, and need not be caught", () =>
    simulate({}, async (world) => {
      const { client, served } = await opened(world, { server: { limits: tight } });
      for (const word of ["a", "b"]) await client.send(word);
      void client.send("unheard");
      const send = client.send("heard");
      served.abort("no more");
      await assert.rejects(send, { code: "ERR_CONNECTION_RESET", message: /no more/ });
      void client.send("after the end");
      await assert.rejects(client.send("after the end"), { code: "ERR_CONNECTION_RESET" });
      assert.equal(client.trySend("after the end"), false);
    }));
});

test("bytes that wait are the caller's again once they are taken", () =>
  simulate({}, async (world) => {
    const sessions: Session[] = [];
    await serveSessions(
      "memory:bytes",
      async (session) => {
        sessions.push(session);
        await session.closed;
      },
      { ...world.options, limits: tight },
    );
    const client = await openSession("memory:bytes", world.options);
    const bytes = Uint8Array.of(1, 2, 3);
    for (let count = 0; count < 2; count += 1) await client.send(bytes);
    const sending = client.send(bytes);
    await world.sleep(100);
    const [served] = sessions;
    assert.deepEqual(await served?.receive(), Uint8Array.of(1, 2, 3));
    await sending;
    bytes.fill(9);
    for (let count = 0; count < 2; count += 1) {
      assert.deepEqual(await served?.receive(), Uint8Array.of(1, 2, 3));
    }
  }));

test("a message larger than the peer takes is refused before it has a number, and harms nothing", () =>
  simulate({}, async (world) => {
    const { client, served } = await opened(world, { server: { limits: tight } });
    await assert.rejects(client.send("x".repeat(65)), {
      code: "ERR_LIMIT",
      limit: "messageBytesMax",
      message: /messageBytesMax is 64, got 65; send it in parts, on a stream of its own/,
    });
    assert.throws(() => client.trySend("x".repeat(65)), { code: "ERR_LIMIT" });
    await client.send("x".repeat(64));
    assert.equal((await served.receive())?.length, 64);
  }));

test("a message that cannot be encoded rejects its own send alone", () =>
  simulate({}, async (world) => {
    const server = await serveSessions<unknown>(
      "memory:json",
      async (session) => {
        await session.send(await session.receive());
      },
      { encoding: json(), ...world.options },
    );
    const client = await openSession<unknown>(server.endpoint, { encoding: json(), ...world.options });
    await assert.rejects(client.send(1n), {
      code: "ERR_INVALID_MESSAGE",
      by: "local",
      message: /^send memory:/,
    });
    assert.throws(() => client.trySend(1n), { code: "ERR_INVALID_MESSAGE" });
    await client.send({ still: "here" });
    assert.deepEqual(await client.receive(), { still: "here" });

    const failing = { name: "failing", open: () => failingEncoder };
    const failingEncoder = {
      encode(): Uint8Array {
        throw new RangeError("a mistake of its own");
      },
      decode: () => "",
      end() {},
    };
    const odd = await openSession(server.endpoint, { ...world.options, encoding: failing as never });
    await assert.rejects(odd.send("x" as never), { message: "a mistake of its own" });
  }));

test("one reader at a time; a wait ends by its signal or its timeout, and takes no message with it", () =>
  simulate({}, async (world) => {
    const { client, served } = await opened(world);
    const first = served.receive();
    await assert.rejects(served.receive(), { code: "ERR_BUSY" });
    await client.send("for the first");
    assert.equal(await first, "for the first");
    await assert.rejects(served.receive({ timeoutMs: 100 }), { code: "ERR_TIMEOUT" });
    const stop = new AbortController();
    const waiting = served.receive({ signal: stop.signal });
    stop.abort(new Error("stop"));
    await assert.rejects(waiting, { message: "stop" });
    assert.equal(getEventListeners(stop.signal, "abort").length, 0);
    await client.send("kept");
    assert.equal(await served.receive(), "kept");
  }));

test("text may be empty, and null is a message", () =>
  simulate({}, async (world) => {
    const { client, served } = await opened(world, { client: { encoding: text() } });
    await client.send("");
    assert.equal(await served.receive(), "");
  }));
