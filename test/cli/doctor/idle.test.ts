import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";

import { checkIdle } from "../../../src/cli/doctor/idle.js";
import { type Handler, parseEndpoint, serve } from "../../../src/index.js";
import { patient, statuses } from "./patients.js";

const taken = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
const bytes = (text: string) => new TextEncoder().encode(text);

/** Examined by a wait that is as short as it can be: it is not about time, but about what follows. */
async function checked(handler: Handler<Uint8Array, Uint8Array>, scheme = "tcp") {
  await using server = await serve("tcp://127.0.0.1:0", handler, { onError: () => {} });
  const { port } = parseEndpoint(server.endpoint) as { port: number };
  const settings = { timeoutMs: 200 };
  const [found] = await checkIdle(patient(`${scheme}://127.0.0.1:${port}`, { waitMs: 20, settings }));
  return found;
}

test("a peer that answers our end is still there", async () => {
  const found = await checked(async (connection) => {
    await connection.send(bytes("hello"));
    for await (const _ of connection);
  });
  assert.equal(found?.says, "idle for 20 ms, a connection still carries bytes both ways");
});

test("a WebSocket that answers a Ping is still there", async () => {
  const found = await checked(async (connection) => {
    await connection.receive();
    await connection.send(bytes(taken));
    assert.equal((await connection.receive())?.[0], 0x89);
    await connection.send(new Uint8Array([0x8a, 0]));
    await connection.receive();
  }, "ws");
  assert.deepEqual(found?.status, "ok");
});

test("one that takes no notice may be gone", async () => {
  for (const scheme of ["tcp", "ws"]) {
    const found = await checked(async (connection, { signal }) => {
      if (scheme === "ws") {
        await connection.receive();
        await connection.send(bytes(taken));
      }
      await once(signal, "abort");
    }, scheme);
    assert.equal(found?.status, "warning");
    assert.match(found.says, /carries nothing back/);
  }
});

test("one that ends it meanwhile has a limit of its own", async () => {
  const found = await checked(async () => {});
  assert.equal(found?.status, "warning");
  assert.match(found.says, /^the peer ends a connection that is idle after/);
});

test("a reset is a failure", async () => {
  const found = await checked(async (connection) => connection.abort("gone"));
  assert.equal(found?.status, "failed");
  assert.match(found.advice ?? "", /sessions do every 5 s/);
});

test("nothing is tried unless it is asked for", async () => {
  assert.deepEqual(statuses(await checkIdle(patient("tcp://127.0.0.1:1"))), []);
});
