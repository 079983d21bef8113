// One link, between two pairs of connections in memory: client and near, far and server.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { Wire } from "../../../src/hub/lab/wire.js";
import type { Connection } from "../../../src/index.js";
import { connectedPair, turns } from "../../support/connected.js";

interface Link {
  readonly client: Connection;
  readonly wire: Wire;
  readonly server: Connection;
}

function linked(): Link {
  const one = connectedPair();
  const other = connectedPair();
  return { client: one.client, wire: new Wire(one.server, other.client), server: other.server };
}

const bytes = (...values: number[]) => Uint8Array.from(values);

/** All that is there to be read now. */
async function unread(connection: Connection): Promise<number[]> {
  await turns();
  const { unreadBytes } = connection.stats;
  return unreadBytes === 0 ? [] : [...((await connection.receive()) ?? [])];
}

test("bytes and ends pass both ways, and then it is gone", async () => {
  const { client, wire, server } = linked();
  assert.ok(wire.isCarrying);
  await client.send(bytes(1, 2));
  assert.deepEqual(await server.receive(), bytes(1, 2));
  await server.send(bytes(3));
  assert.deepEqual(await client.receive(), bytes(3));
  await client.end();
  assert.equal(await server.receive(), undefined);
  assert.ok(!wire.isCarrying);
  await server.send(bytes(4));
  await server.end();
  assert.deepEqual(await client.receive(), bytes(4));
  await wire.gone;
});

test("a side that breaks breaks the other", async () => {
  const { client, wire, server } = linked();
  client.abort();
  await assert.rejects(server.receive(), { code: "ERR_CONNECTION_RESET" });
  await wire.gone;
});

test("a reset is one for both", async () => {
  const { client, wire, server } = linked();
  wire.reset();
  assert.ok(!wire.isCarrying);
  for (const side of [client, server]) {
    await assert.rejects(side.receive(), { code: "ERR_CONNECTION_RESET" });
  }
});

test("a tear lets a part of the next chunk through, and then both sides see an orderly end", async () => {
  const { client, wire, server } = linked();
  wire.tearNext(0.5);
  assert.ok(!wire.isCarrying);
  assert.deepEqual(await unread(server), [], "nothing happens before there is something to tear");
  await client.send(bytes(1, 2, 3, 4));
  assert.deepEqual(await server.receive(), bytes(1, 2));
  for (const side of [client, server]) assert.equal(await side.receive(), undefined);
  await Promise.all([client.close(), server.close(), wire.gone]);
});

test("a tear before the first byte is an end alone", async () => {
  const { client, wire, server } = linked();
  wire.tearNext(0);
  await client.send(bytes(1));
  assert.equal(await server.receive(), undefined);
});

suite("a held link", () => {
  test("carries nothing, and closes nothing", async () => {
    const { client, wire, server } = linked();
    wire.hold();
    assert.ok(!wire.isCarrying);
    await client.send(bytes(1));
    await server.send(bytes(2));
    assert.deepEqual([await unread(client), await unread(server)], [[], []]);
    let told = false;
    void server.closed.then(() => {
      told = true;
    });
    client.abort();
    await turns();
    assert.ok(!told);
    wire.reset();
    await assert.rejects(server.receive(), { code: "ERR_CONNECTION_RESET" });
    await wire.gone;
  });

  test("delivers late what it held once it heals, in order, though the client has gone", async () => {
    const { client, wire, server } = linked();
    wire.hold();
    await client.send(bytes(1));
    await turns();
    await client.send(bytes(2));
    await turns();
    client.abort();
    await turns();
    wire.heal();
    assert.deepEqual([...(await unread(server)), ...(await unread(server))], [1, 2]);
    wire.reset();
    await wire.gone;
  });

  test("may be held on the way to the client alone, and then on both", async () => {
    const { client, wire, server } = linked();
    wire.hold("down");
    await client.send(bytes(1));
    await server.send(bytes(2));
    assert.deepEqual([await unread(client), await unread(server)], [[], [1]]);
    wire.hold();
    await client.send(bytes(3));
    assert.deepEqual(await unread(server), []);
    wire.heal();
    assert.deepEqual([await unread(client), await unread(server)], [[2], [3]]);
  });
});
