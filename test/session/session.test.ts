import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { suite, test } from "node:test";
import type { Session } from "../../src/session/session.js";
import type { SessionState } from "../../src/session/states.js";
import type { SessionStream } from "../../src/session/stream.js";
import { simulate, type World } from "../../src/testing/simulate.js";
import { endOf, opened } from "../support/sessions.js";

function cut(world: World): void {
  for (const cable of world.cables) cable.reset();
}

test("a session has one id at both ends, endpoints, and counters over all its links", () =>
  simulate({}, async (world) => {
    const { client, served } = await opened(world);
    assert.match(client.id, /^[0-9a-f]{32}$/);
    assert.equal(client.id, served.id);
    assert.equal(client.remote, "memory:hub");
    assert.equal(served.local, "memory:hub");
    await client.send("before");
    await client.flush();
    const { bytesSent } = client.stats;
    client.cutLink();
    await client.send("behind");
    await client.flush();
    assert.equal(client.stats.links, 2);
    assert.equal(served.stats.links, 2);
    assert.ok(client.stats.bytesSent > bytesSent);
    assert.ok(served.stats.bytesReceived > bytesSent);
    await world.sleep(100);
    assert.ok((client.stats.roundTripMs ?? 0) > 0);
    assert.equal(await served.receive(), "before");
    assert.equal(await served.receive(), "behind");
  }));

test("it tells of the link that carries it, of what nobody has read, and of silence", () =>
  simulate({}, async (world) => {
    const { client, served } = await opened(world);
    const [first, own] = [served.link, client.link];
    assert.equal(first?.remote, served.remote);
    assert.equal(first.bytesReceived, own?.bytesSent);
    await client.send("unread");
    await client.flush();
    assert.ok(served.stats.unreadBytes >= "unread".length);
    await served.receive();
    assert.equal(served.stats.unreadBytes, 0);
    await world.sleep(1_000);
    assert.ok((served.stats.silentMs ?? 0) >= 900);
    client.cutLink();
    assert.deepEqual([client.link, client.stats.silentMs], [undefined, undefined]);
    await client.send("behind");
    await client.flush();
    assert.ok(served.link !== undefined && served.link.id !== first.id);
    assert.ok((served.stats.silentMs ?? 1_000) < 900);
    await client.close();
  }));

test("while both live: whatever is cut, each message comes once and in order, both ways", () =>
  simulate({ withinMs: 24 * 3_600_000 }, async (world) => {
    const { client, served } = await opened(world);
    const weather = world.weather({ everyMs: 300, lastsMs: 2_000 });
    const count = 300;
    const read = async (session: Session<string>) => {
      const words: string[] = [];
      for await (const word of session) if (words.push(word) === count) break;
      return words;
    };
    const write = async (session: Session<string>) => {
      for (let number = 0; number < count; number += 1) {
        await session.send(`${number}`);
        if (number % 5 === 0) await world.sleep(100 * world.random());
      }
    };
    const all = Promise.all([read(client), read(served)]);
    await Promise.all([write(client), write(served)]);
    weather.calm();
    const expected = Array.from({ length: count }, (_, number) => `${number}`);
    assert.deepEqual(await all, [expected, expected]);
    await client.close();
  }));

suite("states", () => {
  const names = async (session: Session<string>, seen: SessionState[] = []) => {
    for await (const state of session.states()) seen.push(state);
    return seen.map(({ name }) => name);
  };

  test("open, resuming with a reason and a time, open again, closed", () =>
    simulate({ latencyMs: 10 }, async (world) => {
      const { client } = await opened(world);
      assert.deepEqual(client.state, { name: "open" });
      const seen: SessionState[] = [];
      const all = names(client, seen);
      world.cables.dials("refused");
      cut(world);
      await world.sleep(1_000);
      const state = client.state;
      assert.equal(state.name, "resuming");
      assert.match(String(state.why), /connection refused/);
      assert.ok(Number(state.downMs) >= 900);
      world.cables.dials("answered");
      await world.sleep(10_000);
      assert.equal(client.state.name, "open");
      await client.close();
      const followed = await all;
      assert.deepEqual([followed[0], followed[1]], ["open", "resuming"]);
      assert.deepEqual(followed.slice(-3), ["open", "draining", "closed"]);
      assert.match(String(seen[1]?.why), /reset/);
      assert.equal(client.state.name, "closed");
    }));

  test("draining once the other side says that it is about to close; the newest only, for who is slow", () =>
    simulate({}, async (world) => {
      const { client, server } = await opened(world);
      const slow = client.states();
      assert.equal((await slow.next()).value?.name, "open");
      const draining = server.drain({ deadlineMs: 60_000 });
      await world.sleep(100);
      assert.deepEqual(client.state, { name: "draining", why: "the server is draining" });
      cut(world);
      await world.sleep(1_000);
      assert.equal(client.state.name, "draining", "a resume says it again");
      assert.equal((await slow.next()).value?.name, "draining");
      await client.close();
      await draining;
      assert.equal((await slow.next()).value?.name, "closed");
      assert.equal((await slow.next()).done, true);
    }));
});

suite("closed", () => {
  test("in order, by either side: nothing is unacknowledged, and what nobody had read is counted", () =>
    simulate({}, async (world) => {
      const { client, served } = await opened(world);
      await client.send("read");
      await client.send("unread");
      assert.equal(await served.receive(), "read");
      await world.sleep(100);
      await client.close();
      const expected = { reason: "closed", code: undefined, unacknowledged: [] };
      assert.deepEqual(await endOf(client), { ...expected, by: "local", unread: 1 });
      assert.deepEqual(await endOf(served), { ...expected, by: "remote", unread: 0 });
      assert.equal(await served.receive(), "unread", "what arrived stays readable");
      assert.equal(await served.receive(), undefined);
      await assert.rejects(served.send("x"), {
        code: "ERR_CLOSED",
        message: /the peer has closed the session/,
      });
      await assert.rejects(client.send("x"), { code: "ERR_CLOSED", message: /was closed here/ });
      await assert.rejects(client.receive(), { code: "ERR_CLOSED" });
      await assert.rejects(client.open("x"), { code: "ERR_CLOSED" });
      await client.close();
    }));

  test("by the server", () =>
    simulate({}, async (world) => {
      const { client, served } = await opened(world);
      await served.send("the last");
      await served.close();
      assert.equal((await endOf(served)).by, "local");
      assert.equal((await endOf(client)).by, "remote");
      assert.equal(await client.receive(), "the last");
      assert.equal(await client.receive(), undefined);
    }));

  test("by both at once, each by itself", () =>
    simulate({}, async (world) => {
      const { client, served } = await opened(world);
      await Promise.all([client.send("x"), served.send("y")]);
      await Promise.all([client.close(), served.close()]);
      for (const session of [client, served]) {
        const expected = { by: "local", reason: "closed", code: undefined, unacknowledged: [], unread: 1 };
        assert.deepEqual(await endOf(session), expected);
      }
    }));

  test("waits for what waits for credit, and for links that come back", () =>
    simulate({}, async (world) => {
      const limits = { messageBytesMax: 64, streamCreditBytes: 64, mainCreditBytes: 64 };
      const { client, served } = await opened(world, { server: { limits } });
      await client.send("a");
      const waiting = client.send("b");
      const closing = client.close();
      assert.equal(client.state.name, "draining");
      cut(world);
      await world.sleep(500);
      assert.equal(await served.receive(), "a");
      cut(world);
      await Promise.all([waiting, closing]);
      assert.equal(await served.receive(), "b");
      assert.equal((await endOf(client)).code, undefined);
      assert.equal((await endOf(client)).unread, 1);
    }));

  test("when the other side never confirms: by us, with what is unknown", () =>
    simulate({}, async (world) => {
      const { client } = await opened(world, { client: { drainMs: 3_000 } });
      for (const cable of world.cables) cable.hold();
      await client.send("into the void");
      const before = world.now();
      await client.close();
      assert.equal(Math.round(world.now() - before), 3_000);
      assert.deepEqual(await endOf(client), {
        by: "local",
        reason: "closed, and not confirmed by the peer within 3000 ms",
        code: "ERR_CLOSED",
        unacknowledged: [{ stream: undefined, message: "into the void" }],
        unread: 0,
      });
    }));

  test("abort, by either side: at once, with its reason, and what is unread is discarded here alone", () =>
    simulate({}, async (world) => {
      const { client, served } = await opened(world);
      await served.send("not read here");
      await client.send("readable there");
      await world.sleep(100);
      client.abort(new Error("enough"));
      client.abort("again");
      await assert.rejects(client.receive(), { code: "ERR_CLOSED", message: /aborted here \(enough\)/ });
      const ours = await endOf(client);
      assert.deepEqual([ours.by, ours.reason, ours.code], ["local", "enough", "ERR_CLOSED"]);
      const theirs = await endOf(served);
      assert.deepEqual([theirs.by, theirs.reason, theirs.code], ["remote", "enough", "ERR_CONNECTION_RESET"]);
      assert.equal(theirs.unread, 1);
      assert.equal(await served.receive(), "readable there");
      await assert.rejects(served.receive(), { code: "ERR_CONNECTION_RESET", message: /\(enough\)/ });
    }));

  test("abort without a link is told to nobody, and the server keeps the session until it expires", () =>
    simulate({}, async (world) => {
      const { client, served, server } = await opened(world, { server: { sessionTtlMs: 30_000 } });
      world.cables.dials("refused");
      cut(world);
      await world.sleep(100);
      client.abort();
      const ours = await endOf(client);
      assert.deepEqual([ours.reason, ours.code], ["aborted", "ERR_CLOSED"]);
      assert.equal(server.stats.detached, 1);
      await served.send("who knows");
      assert.deepEqual(await endOf(served), {
        by: "network",
        reason: "expired: no link for 30000 ms",
        code: "ERR_SESSION_EXPIRED",
        unacknowledged: [{ stream: undefined, message: "who knows" }],
        unread: 0,
      });
      assert.equal(server.stats.sessions, 0);
      assert.equal(world.clock.pending, 0, "no timer is left");
    }));

  test("counts and lists what was never acknowledged, stream by stream, as messages", () =>
    simulate({}, async (world) => {
      const { client, served } = await opened(world);
      const coming = served.streams().next();
      const film = await client.open("film", { message: "known" });
      await (await coming).value?.receive();
      await client.flush();
      for (const cable of world.cables) cable.hold();
      await film.send("film 1");
      await client.send("main 1");
      await client.open("book", { message: "book 1", end: true });
      await film.end("film 2");
      client.abort();
      const { unacknowledged } = await client.closed;
      assert.equal(unacknowledged.messages, 4);
      assert.equal(unacknowledged.bytes, 24);
      assert.deepEqual(unacknowledged.list(), [
        { stream: undefined, message: "main 1" },
        { stream: "film", message: "film 1" },
        { stream: "film", message: "film 2" },
        { stream: "book", message: "book 1" },
      ]);
    }));

  test("a message of the session that cannot be decoded ends it, with a named error on both sides", () =>
    simulate({}, async (world) => {
      const { client, served } = await opened(world, { server: { encoding: picky } });
      await client.send("good");
      await client.send("bad");
      await client.send("behind it");
      assert.equal(await served.receive(), "good");
      await assert.rejects(served.receive(), { code: "ERR_INVALID_MESSAGE", by: "remote" });
      await assert.rejects(served.receive(), { code: "ERR_INVALID_MESSAGE" });
      const [ours, theirs] = [await endOf(client), await endOf(served)];
      assert.deepEqual(
        [theirs.by, theirs.reason, theirs.code],
        ["remote", "bad is bad", "ERR_INVALID_MESSAGE"],
      );
      assert.deepEqual([ours.by, ours.reason, ours.code], ["remote", "bad is bad", "ERR_INVALID_MESSAGE"]);
      const { error } = await client.closed;
      assert.equal((error as { readonly by?: string }).by, "local", "our message was to blame");
    }));

  test("await using closes it", () =>
    simulate({}, async (world) => {
      const story = await opened(world);
      {
        await using client = story.client;
        await client.send("x");
      }
      assert.equal(story.client.state.name, "closed");
      assert.equal((await endOf(story.served)).by, "remote");
    }));
});

suite("open", () => {
  test("streams come one by one, in the order of their opening, to one reader", () =>
    simulate({}, async (world) => {
      const { client, served } = await opened(world);
      for (const name of ["a", "b", "c"]) await client.open(name);
      const names: string[] = [];
      for await (const stream of served.streams()) if (names.push(stream.name) === 2) break;
      const streams = served.streams();
      assert.equal((await streams.next()).value?.name, "c");
      const waiting = streams.next();
      await assert.rejects(served.streams().next(), { code: "ERR_BUSY" });
      await client.close();
      assert.equal((await waiting).done, true);
      assert.equal((await streams.next()).done, true);
      assert.deepEqual(names, ["a", "b"]);
    }));

  test("both sides open at once, with ids of their own", () =>
    simulate({}, async (world) => {
      const { client, served } = await opened(world);
      const [mine, theirs] = await Promise.all([client.open("x"), served.open("y")]);
      assert.deepEqual([mine.id, theirs.id], [1, 2]);
      assert.equal((await client.streams().next()).value?.name, "y");
      assert.equal((await served.streams().next()).value?.name, "x");
    }));

  test("a message and an end go with it", () =>
    simulate({}, async (world) => {
      const { client, served } = await opened(world);
      const call = await client.open("add", { message: "1+1", end: true });
      await assert.rejects(call.send("more"), { code: "ERR_CLOSED" });
      await call.end();
      const { value: asked } = await served.streams().next();
      assert.equal(await asked?.receive(), "1+1");
      assert.equal(await asked?.receive(), undefined);
      await asked?.end("2");
      assert.equal(await call.receive(), "2");
      await world.sleep(1_000);
      assert.deepEqual([client.stats.streams, served.stats.streams], [0, 0]);
    }));

  test("waits for a free stream, in the order of the calls, until its signal", () =>
    simulate({}, async (world) => {
      const { client, served } = await opened(world, { server: { limits: { streamsMax: 1 } } });
      const first = await client.open("first");
      const [stop, kept] = [new AbortController(), new AbortController()];
      const given = client.open("given up", { signal: stop.signal });
      const second = client.open("second", { signal: kept.signal });
      await world.sleep(1_000);
      stop.abort(new Error("no"));
      await assert.rejects(given, { message: "no" });
      await assert.rejects(client.open("nor this", { signal: stop.signal }), { message: "no" });
      await first.end();
      const { value: theirs } = await served.streams().next();
      await theirs?.end();
      assert.equal((await second).name, "second");
      assert.equal(getEventListeners(stop.signal, "abort").length, 0);
      assert.equal(getEventListeners(kept.signal, "abort").length, 0);
      assert.equal((await served.streams().next()).value?.name, "second");
      assert.equal(served.stats.streams, 1);
    }));

  test("one that is aborted while it waits for room leaves no stream", () =>
    simulate({}, async (world) => {
      const limits = { messageBytesMax: 64, streamCreditBytes: 64, openBytesMax: 64, outboxBytesMax: 128 };
      const { client, served } = await opened(world, { client: { limits } });
      for (const cable of world.cables) cable.hold();
      for (const word of ["a", "b"]) await client.send(word);
      const stop = new AbortController();
      const given = client.open("x", { signal: stop.signal });
      await world.sleep(10);
      assert.equal(client.stats.streams, 1);
      stop.abort(new Error("no"));
      await assert.rejects(given, { message: "no" });
      assert.equal(client.stats.streams, 0);
      const early = new AbortController();
      const opening = client.open("y", { signal: early.signal });
      early.abort(new Error("at once"));
      await assert.rejects(opening, { message: "at once" });
      assert.equal(client.stats.streams, 0);
      for (const cable of world.cables) cable.heal();
      await client.close();
      assert.equal((await served.streams().next()).done, true);
    }));

  test("fails with the session, also while it waits; and nothing is opened on one that has just ended", () =>
    simulate({}, async (world) => {
      const { client, served } = await opened(world, { server: { limits: { streamsMax: 1 } } });
      const early = client.open("early");
      served.abort("over");
      await early;
      const waiting = client.open("waiting");
      await assert.rejects(waiting, { code: "ERR_CONNECTION_RESET" });
      await assert.rejects(client.open("late"), { code: "ERR_CONNECTION_RESET" });
    }));

  test("an abort in the same turn opens nothing", () =>
    simulate({}, async (world) => {
      const { client, served } = await opened(world);
      const opening = client.open("x", { message: "never" });
      client.abort("at once");
      await assert.rejects(opening, { code: "ERR_CLOSED" });
      assert.deepEqual((await endOf(client)).unacknowledged, []);
      await served.closed;
    }));

  test("is refused with too large a name, or where the peer takes no streams", () =>
    simulate({}, async (world) => {
      const { client, served } = await opened(world, {
        server: { limits: { openBytesMax: 64 } },
        client: { limits: { streamsMax: 0 } },
      });
      await assert.rejects(client.open("x".repeat(65)), { code: "ERR_LIMIT", limit: "openBytesMax" });
      await assert.rejects(served.open("x"), { code: "ERR_LIMIT", limit: "streamsMax" });
      await assert.rejects(client.open("x", { metadata: 1n }), { code: "ERR_INVALID_MESSAGE" });
      assert.equal(client.stats.streams, 0);
    }));

  test("one that its opener aborts before anybody took it is gone, with all that it brought", () =>
    simulate({}, async (world) => {
      const { client, served } = await opened(world);
      const gone = await client.open("gone", { message: "x" });
      const kept = await client.open("kept");
      await world.sleep(100);
      gone.abort();
      await world.sleep(100);
      const { value: first } = await served.streams().next();
      assert.equal(first?.name, "kept");
      assert.equal(served.stats.streams, 1);
      await kept.send("x");
      assert.equal(await first?.receive(), "x");
    }));

  test("those that nobody took when the session closes are there still, with what they brought", () =>
    simulate({}, async (world) => {
      const { client, served } = await opened(world);
      await client.open("late", { message: "x", end: true });
      await world.sleep(100);
      await client.close();
      await served.closed;
      const left: SessionStream<string>[] = [];
      for await (const stream of served.streams()) left.push(stream);
      assert.deepEqual(
        left.map(({ name }) => name),
        ["late"],
      );
      assert.equal(await left[0]?.receive(), "x");
    }));
});

const picky = {
  name: "picky",
  anyCut: false,
  open: () => ({
    encode: (message: string) => new TextEncoder().encode(message),
    decode(frame: Uint8Array) {
      const message = new TextDecoder().decode(frame);
      if (message === "bad") throw new Error("bad is bad");
      return message;
    },
    end() {},
  }),
};
