import assert from "node:assert/strict";
import { test } from "node:test";

import { connect } from "../../src/connection/connect.js";
import { Doors } from "../../src/connection/doors.js";
import { serve } from "../../src/connection/serve.js";
import type { LifecycleEvent } from "../../src/core/lifecycle.js";
import { text } from "../../src/protocol/encoding/text.js";
import type { ByteStream } from "../../src/transport/byte-stream.js";
import { memory } from "../../src/transport/memory.js";
import { turns } from "../support/connected.js";

test("who comes in while other doors are still being opened waits, and is served once all are open", async (t) => {
  const { listen } = memory;
  const early: Promise<unknown>[] = [];
  t.mock.method(memory, "listen", async function (this: typeof memory, ...args: Parameters<typeof listen>) {
    if (args[0].name === "doors-b") {
      early.push(connect("memory:doors-a"));
      await turns();
    }
    return listen.apply(this, args);
  });
  const streams: ByteStream[] = [];
  const doors = await Doors.open(["memory:doors-a", "memory:doors-b"], {});
  assert.deepEqual(doors.stats, { open: 1, accepted: 1, refused: 0 });
  doors.start(
    (stream) => void streams.push(stream),
    () => {},
  );
  assert.equal(streams.length, 1);
  assert.deepEqual([doors.endpoint, doors.endpoints.length], ["memory:doors-a", 2]);
  await Promise.all(early);
  for (const stream of streams) doors.connect(stream).abort();
  await doors.close();
});

test("where one door cannot be opened, no handler has run, and who came in by another is cut to its end", async (t) => {
  await using taken = await Doors.open("memory:doors-taken", {}).then((doors) => ({
    [Symbol.asyncDispose]: () => doors.close(),
  }));
  assert.ok(taken);
  const { listen } = memory;
  let client: Awaited<ReturnType<typeof connect>> | undefined;
  t.mock.method(memory, "listen", async function (this: typeof memory, ...args: Parameters<typeof listen>) {
    if (args[0].name === "doors-taken") {
      client = await connect("memory:doors-half-open");
      await turns();
    }
    return listen.apply(this, args);
  });
  const events: LifecycleEvent[] = [];
  const opening = serve(
    ["memory:doors-half-open", "memory:doors-taken"],
    () => assert.fail("the server never began"),
    { observer: (event) => void events.push(event) },
  );
  await assert.rejects(opening, { code: "ERR_ADDRESS_IN_USE" });
  assert.equal((await client?.closed)?.error?.code, "ERR_CONNECTION_RESET");
  await turns();
  const accepted = events.find(({ name }) => name === "accepted");
  const last = events.findLast(({ id }) => id === accepted?.id);
  assert.deepEqual([last?.name, last?.reason], ["closed", "not all endpoints could be listened on"]);
});

test("a signal that is aborted while a door opens is heard, and nothing stays open", async (t) => {
  const { listen } = memory;
  const stop = new AbortController();
  t.mock.method(memory, "listen", async function (this: typeof memory, ...args: Parameters<typeof listen>) {
    const door = await listen.apply(this, args);
    stop.abort(new Error("changed my mind"));
    return door;
  });
  await assert.rejects(Doors.open("memory:doors-aborted", { signal: stop.signal }), {
    message: "changed my mind",
  });
  await assert.rejects(connect("memory:doors-aborted"), { code: "ERR_CONNECTION_REFUSED" });
});

test("one that is aborted between the opening and the start is heard too", async () => {
  const stop = new AbortController();
  const doors = await Doors.open("memory:doors-late", { signal: stop.signal });
  stop.abort();
  let heard = 0;
  doors.start(
    () => assert.fail("nobody came"),
    () => {
      heard += 1;
    },
  );
  assert.equal(heard, 1);
  await doors.close();
});

test("closing leaves nothing on the signal, which may outlive many doors", async (t) => {
  const { signal } = new AbortController();
  const added = t.mock.method(signal, "addEventListener");
  const removed = t.mock.method(signal, "removeEventListener");
  const doors = await Doors.open("memory:doors-signal", { signal });
  const stop = () => {};
  doors.start(() => assert.fail("nobody came"), stop);
  await doors.close();
  assert.equal(added.mock.calls[0]?.arguments[1], stop);
  assert.equal(removed.mock.calls[0]?.arguments[1], stop);
});

test("a connection that is refused is told of by its listener alone, before the listener's end", async () => {
  const events: LifecycleEvent[] = [];
  const observer = (event: LifecycleEvent) => void events.push(event);
  const doors = await Doors.open("tcp://127.0.0.1:0", { connectionsMax: 1, observer });
  const streams: ByteStream[] = [];
  doors.start(
    (stream) => void streams.push(stream),
    () => {},
  );
  const first = await connect(doors.endpoint);
  for (const _ of [1, 2]) {
    const refused = await connect(doors.endpoint).catch(() => undefined);
    await refused?.closed;
  }
  await doors.close();
  const id = events[0]?.id;
  const local = doors.endpoint;
  assert.deepEqual(
    events.slice(1).map((event) => [event.name, event.id === id, event.local, event.count]),
    [
      ["bound", true, local, undefined],
      ["listening", true, local, undefined],
      ["accepted", false, local, undefined],
      ["refused", true, local, 1],
      ["refused", true, local, 1],
      ["closed", true, local, undefined],
    ],
  );
  first.abort();
  for (const stream of streams) doors.connect(stream).abort();
});

test("proxies are trusted by their ranges, which are checked before anything is opened", async () => {
  await assert.rejects(Doors.open("memory:doors-proxies", { trustedProxies: ["10.0.0.1/8"] }), {
    name: "UsageError",
    message: /trustedProxies: "10\.0\.0\.1\/8" has bits beyond its prefix/,
  });
  await assert.rejects(Doors.open("memory:doors-proxies", { proxyProtocol: true }), {
    name: "UsageError",
    message: /proxyProtocol has nobody to trust; list those that send PROXY headers/,
  });
  const doors = await Doors.open("memory:doors-proxies", { trustedProxies: ["unix"], proxyProtocol: true });
  await doors.close();
});

test("what a trusted proxy forwards has its client's name and place", async () => {
  const options = { trustedProxies: ["loopback"], proxyProtocol: true, connectionsPerAddressMax: 1 };
  await using server = await serve("tcp://127.0.0.1:0", (connection) => connection.send(connection.remote), {
    ...options,
    encoding: text(),
  });
  const names: unknown[] = [];
  for (const source of ["tcp://192.0.2.7:1", "tcp://192.0.2.7:2", "unix:"]) {
    const proxyHeader = { version: 2, source } as const;
    await using client = await connect(server.endpoint, { proxyHeader, encoding: text() });
    names.push(await client.receive().catch(({ code }) => code));
  }
  assert.equal(names[0], "tcp://192.0.2.7:1");
  assert.match(String(names[2]), /^tcp:\/\/127/);
});
