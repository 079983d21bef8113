import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { simulate, type World } from "../../src/testing/simulate.js";
import { opened, type StoryOptions } from "../support/sessions.js";

/** Both ends of a stream that the client opened. */
async function streaming(world: World, options: StoryOptions = {}, message?: string) {
  const story = await opened(world, options);
  const coming = story.served.streams().next();
  const ours = await story.client.open("film", { metadata: { year: 1927 }, ...(message && { message }) });
  const { value: theirs } = await coming;
  assert.ok(theirs !== undefined);
  return { ...story, ours, theirs };
}

test("a stream has its opener's name and metadata at both ends, and messages both ways", () =>
  simulate({}, async (world) => {
    const { ours, theirs, client } = await streaming(world, {}, "first");
    assert.deepEqual([ours.id, ours.name, ours.metadata], [1, "film", { year: 1927 }]);
    assert.deepEqual([theirs.id, theirs.name, theirs.metadata], [1, "film", { year: 1927 }]);
    assert.equal(await theirs.receive(), "first");
    await ours.send("second");
    assert.equal(await theirs.receive(), "second");
    await theirs.send("back");
    for await (const word of ours) {
      assert.equal(word, "back");
      break;
    }
    assert.equal(client.stats.streams, 1);
  }));

test("each side ends its own direction, and the other goes on; when both have, the stream is gone", () =>
  simulate({}, async (world) => {
    const { ours, theirs, client, served } = await streaming(world);
    await ours.end("the last");
    assert.equal(await theirs.receive(), "the last");
    assert.equal(await theirs.receive(), undefined);
    await assert.rejects(ours.send("more"), { code: "ERR_CLOSED", message: /this side has ended/ });
    assert.equal(ours.trySend("more"), false);
    await theirs.send("still open");
    assert.equal(await ours.receive(), "still open");
    await theirs.end();
    assert.equal(await ours.receive(), undefined);
    await Promise.all([client.flush(), served.flush()]);
    await world.sleep(1_000);
    assert.deepEqual([client.stats.streams, served.stats.streams], [0, 0]);
  }));

test("an end said twice is one end; a message behind it is refused and not dropped in silence", () =>
  simulate({}, async (world) => {
    const { ours, theirs } = await streaming(world);
    await Promise.all([ours.end(), ours.end()]);
    await ours.end();
    await assert.rejects(ours.end("too late"), { code: "ERR_CLOSED" });
    assert.equal(await theirs.receive(), undefined);
  }));

test("an end whose message cannot be sent is no end", () =>
  simulate({}, async (world) => {
    const limits = { messageBytesMax: 64, streamCreditBytes: 64 };
    const { ours, theirs } = await streaming(world, { server: { limits } });
    await assert.rejects(ours.end("x".repeat(65)), { code: "ERR_LIMIT" });
    await ours.send("a");
    const stop = new AbortController();
    const waiting = ours.end("b", { signal: stop.signal });
    await assert.rejects(ours.send("behind the end"), { code: "ERR_CLOSED" });
    stop.abort(new Error("not yet"));
    await assert.rejects(waiting, { message: "not yet" });
    const ending = ours.end("c");
    assert.equal(await theirs.receive(), "a");
    assert.equal(await theirs.receive(), "c");
    assert.equal(await theirs.receive(), undefined);
    await ending;
  }));

suite("abort", () => {
  for (const who of ["opener", "other side"] as const) {
    test(`by the ${who} ends both directions, with its reason, at both ends`, () =>
      simulate({}, async (world) => {
        const { ours, theirs, client, served } = await streaming(world);
        const [one, other] = who === "opener" ? [ours, theirs] : [theirs, ours];
        const reading = one.receive();
        one.abort(new Error("cut the scene"));
        one.abort("again");
        await assert.rejects(reading, { code: "ERR_CLOSED", message: /aborted here \(cut the scene\)/ });
        await assert.rejects(one.send("x"), { code: "ERR_CLOSED" });
        await assert.rejects(other.receive(), {
          code: "ERR_STREAM_ABORTED",
          message: /aborted: cut the scene/,
        });
        await assert.rejects(other.send("x"), { code: "ERR_STREAM_ABORTED" });
        await world.sleep(1_000);
        assert.deepEqual([client.stats.streams, served.stats.streams], [0, 0]);
        await client.send("the session lives");
        assert.equal(await served.receive(), "the session lives");
      }));
  }

  test("leaves readable what had arrived, and discards at its own end", () =>
    simulate({}, async (world) => {
      const { ours, theirs } = await streaming(world);
      for (const word of ["a", "b"]) await ours.send(word);
      await theirs.send("unread");
      await world.sleep(1_000);
      ours.abort();
      await assert.rejects(ours.receive(), { code: "ERR_CLOSED" });
      await world.sleep(1_000);
      assert.equal(await theirs.receive(), "a");
      assert.equal(await theirs.receive(), "b");
      await assert.rejects(theirs.receive(), { code: "ERR_STREAM_ABORTED", message: /\(aborted: aborted\)/ });
    }));

  test("fails what waits for credit, on both sides", () =>
    simulate({}, async (world) => {
      const limits = { messageBytesMax: 64, streamCreditBytes: 64 };
      const { ours, theirs } = await streaming(world, { server: { limits }, client: { limits } });
      await ours.send("a");
      await theirs.send("a");
      const [here, there] = [ours.send("b"), theirs.send("b")];
      await world.sleep(1_000);
      ours.abort("over");
      await assert.rejects(here, { code: "ERR_CLOSED" });
      await assert.rejects(there, { code: "ERR_STREAM_ABORTED" });
    }));
});

test("close ends our direction in order and lets the peer write on into nothing", () =>
  simulate({}, async (world) => {
    const limits = { messageBytesMax: 64, streamCreditBytes: 64 };
    const { ours, theirs } = await streaming(world, { server: { limits }, client: { limits } });
    await ours.send("last");
    await ours.close();
    await ours.close();
    await assert.rejects(ours.receive(), { code: "ERR_CLOSED", message: /the stream was closed here/ });
    for await (const _ of ours) assert.fail("nothing is read any more");
    assert.equal(await theirs.receive(), "last");
    assert.equal(await theirs.receive(), undefined);
    for (let count = 0; count < 10; count += 1) await theirs.send("ignored");
    await theirs[Symbol.asyncDispose]();
  }));

test("a message that cannot be decoded aborts its stream alone, with a named error on both sides", () =>
  simulate({}, async (world) => {
    const { ours, theirs, client, served } = await streaming(world, {
      server: { encoding: { name: "picky", anyCut: false, open: () => picky } },
    });
    await ours.send("bad");
    await assert.rejects(theirs.receive(), { code: "ERR_INVALID_MESSAGE", by: "remote" });
    await assert.rejects(theirs.receive(), { code: "ERR_INVALID_MESSAGE" });
    await assert.rejects(ours.receive(), { code: "ERR_STREAM_ABORTED", message: /undecodable: bad is bad/ });
    await client.send("good");
    assert.equal(await served.receive(), "good");
  }));

test("a stream whose reader has stopped delays no other", () =>
  simulate({}, async (world) => {
    const limits = { messageBytesMax: 64, streamCreditBytes: 128 };
    const { ours, client, served } = await streaming(world, { server: { limits } });
    for (const word of ["a", "b"]) await ours.send(word);
    const stalled = ours.send("c");
    await client.send("past it");
    assert.equal(await served.receive(), "past it");
    const coming = served.streams().next();
    await client.open("other", { message: "and past it", end: true });
    assert.equal(await (await coming).value?.receive(), "and past it");
    ours.abort();
    await assert.rejects(stalled, { code: "ERR_CLOSED" });
  }));

test("streams survive cuts as the session does", () =>
  simulate({}, async (world) => {
    const { ours, theirs } = await streaming(world);
    const reading = (async () => {
      const words: string[] = [];
      for await (const word of theirs) words.push(word);
      return words;
    })();
    for (let count = 0; count < 50; count += 1) {
      await ours.send(`${count}`);
      if (count % 7 === 0) for (const cable of world.cables) cable.reset();
      await world.sleep(3);
    }
    await ours.end();
    assert.deepEqual(
      await reading,
      Array.from({ length: 50 }, (_, count) => `${count}`),
    );
  }));

suite("what the end of the session is to a stream", () => {
  test("in order: reading says that it had not ended, sending that it is closed", () =>
    simulate({}, async (world) => {
      const { ours, theirs, client, served } = await streaming(world);
      await ours.send("read me first");
      await world.sleep(100);
      await client.close();
      await served.closed;
      assert.equal(await theirs.receive(), "read me first");
      await assert.rejects(theirs.receive(), { code: "ERR_CLOSED", message: /before the stream had ended/ });
      await assert.rejects(theirs.send("x"), { code: "ERR_CLOSED" });
      await assert.rejects(ours.receive(), { code: "ERR_CLOSED" });
      await assert.rejects(theirs.end(), { code: "ERR_CLOSED" });
    }));

  test("by an abort: both fail with its error", () =>
    simulate({}, async (world) => {
      const { ours, theirs, client, served } = await streaming(world);
      const reading = theirs.receive();
      client.abort("gone");
      await assert.rejects(ours.send("x"), { code: "ERR_CLOSED", message: /gone/ });
      await assert.rejects(reading, { code: "ERR_CONNECTION_RESET", message: /gone/ });
      await served.closed;
    }));
});

const picky = {
  encode: (message: string) => new TextEncoder().encode(message),
  decode(frame: Uint8Array) {
    const message = new TextDecoder().decode(frame);
    if (message === "bad") throw new Error("bad is bad");
    return message;
  },
  end() {},
};
