import assert from "node:assert/strict";
import { test } from "node:test";

import { connect } from "../../src/connection/connect.js";
import { listen } from "../../src/connection/listen.js";
import type { LifecycleEvent } from "../../src/core/lifecycle.js";
import { lines } from "../../src/protocol/framing/lines.js";
import { turns } from "../support/connected.js";

test("connections come one by one, until the listener closes", async () => {
  const listener = await listen("memory:one-by-one", { framing: lines() });
  const clients = [await connect("memory:one-by-one"), await connect("memory:one-by-one")];
  const remotes: string[] = [];
  for await (const connection of listener) {
    remotes.push(connection.remote);
    if (remotes.length === 2) await listener.close();
  }
  assert.deepEqual(
    remotes,
    clients.map(({ local }) => local),
  );
  assert.deepEqual(listener.stats, { open: 2, accepted: 2, refused: 0 });
  for (const client of clients) client.abort();
  await turns();
  assert.equal(listener.stats.open, 0);
  assert.equal(await listener.accept(), undefined);
});

test("several endpoints make one listener, in the order given; all of them or none", async () => {
  const listener = await listen(["memory:several-a", "tcp://127.0.0.1:0", "memory:several-b"]);
  assert.equal(listener.endpoint, "memory:several-a");
  assert.deepEqual([listener.endpoints[0], listener.endpoints[2]], ["memory:several-a", "memory:several-b"]);
  assert.match(listener.endpoints[1] ?? "", /^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/);
  await assert.rejects(listen(["memory:several-c", "memory:several-a"]), { code: "ERR_ADDRESS_IN_USE" });
  await using free = await listen("memory:several-c");
  assert.equal(free.endpoint, "memory:several-c");
  await listener.close();
  await assert.rejects(listen([]), { name: "UsageError" });
});

test("beyond connectionsMax a peer is reset, counted and told of", async () => {
  const events: LifecycleEvent[] = [];
  await using listener = await listen("memory:full", {
    connectionsMax: 1,
    observer: (event) => void events.push(event),
  });
  const first = await connect("memory:full");
  await listener.accept();
  const second = await connect("memory:full");
  assert.equal((await second.closed).error?.code, "ERR_CONNECTION_RESET");
  assert.deepEqual(listener.stats, { open: 1, accepted: 1, refused: 1 });
  assert.equal(events.find(({ name }) => name === "refused")?.reason, "connectionsMax is 1");
  first.abort();
  await turns();
  const third = await connect("memory:full");
  assert.equal(listener.stats.open, 1);
  third.abort();
});

test("connections that end before anybody takes them keep their places, unread", async () => {
  await using listener = await listen("memory:flood", { connectionsMax: 3 });
  let refused = 0;
  for (let count = 0; count < 10; count += 1) {
    const client = await connect("memory:flood");
    client.trySend(new Uint8Array(1_000));
    await turns(2);
    client.abort();
    refused += Number((await client.closed).by === "remote");
  }
  assert.deepEqual(listener.stats, { open: 3, accepted: 3, refused: 7 });
  assert.equal(refused, 7);
  for (let count = 0; count < 3; count += 1) {
    const dead = await listener.accept();
    assert.equal(dead?.stats.bytesReceived, 0);
    await dead?.closed;
  }
  assert.equal(listener.stats.open, 0);
});

test("closing frees the address, aborts what nobody took, and leaves the rest alone", async () => {
  const listener = await listen("memory:closing", { framing: lines() });
  const used = await connect("memory:closing", { framing: lines() });
  const server = await listener.accept();
  const untaken = await connect("memory:closing", { framing: lines() });
  await listener.close();
  assert.equal((await untaken.closed).error?.code, "ERR_CONNECTION_RESET");
  await used.send("still here");
  assert.equal(await server?.receive(), "still here");
  await assert.rejects(connect("memory:closing"), { code: "ERR_CONNECTION_REFUSED" });
  used.abort();
});

test("a signal stops the listening; an aborted accept ends only the wait", async () => {
  const stop = new AbortController();
  const listener = await listen("memory:stopped", { signal: stop.signal });
  const wait = new AbortController();
  const accepting = listener.accept({ signal: wait.signal });
  wait.abort(new Error("not now"));
  await assert.rejects(accepting, { message: "not now" });
  const ended = listener.accept();
  stop.abort();
  assert.equal(await ended, undefined);
  await assert.rejects(listen("memory:stopped", { signal: stop.signal }), { name: "AbortError" });
});
