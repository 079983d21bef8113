// Connections that break, or that nobody speaks on: the one is told what happened, the others are served.

import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { suite, test } from "node:test";
import {
  type Connection,
  connect,
  DisconnectedError,
  lengthPrefixed,
  lines,
  serve,
  TimeoutError,
} from "../../src/index.js";
import { needs } from "../support/require.js";
import { wire } from "./namespace.js";
import type { ErrorReport } from "./programs/report.js";
import { run } from "./programs.js";

test("a reset in mid-message is the peer's doing, and reaches nobody else", async () => {
  const failures: unknown[] = [];
  let onFailure = () => {};
  const failed = new Promise<void>((resolve) => {
    onFailure = resolve;
  });
  await using server = await serve("tcp://127.0.0.1:0", echo, {
    framing: lengthPrefixed(),
    onError: (error) => {
      failures.push(error);
      onFailure();
    },
  });
  await using other = await connect(server.endpoint, { framing: lengthPrefixed() });
  const port = Number(server.endpoint.split(":").at(-1));
  const raw = net.connect(port, "127.0.0.1");
  await once(raw, "connect");
  raw.write(Uint8Array.of(0, 0, 0, 1, 7, 0, 0, 0, 100, 1, 2, 3));
  // The first message, whole, comes back: so the half of the second has arrived too.
  await once(raw, "data");
  const name = `tcp://127.0.0.1:${raw.localPort}`;
  raw.resetAndDestroy();
  await failed;
  const [error] = failures;
  assert.ok(error instanceof DisconnectedError);
  assert.deepEqual([error.code, error.endpoint], ["ERR_CONNECTION_RESET", name]);
  await other.send(Uint8Array.of(1));
  assert.deepEqual(await other.receive(), Uint8Array.of(1));
});

test("a peer that connects and says nothing is cut after its silence, if silence has a bound", async () => {
  await using server = await serve("tcp://127.0.0.1:0", echo, { idleTimeoutMs: 200, onError: () => {} });
  await using patient = await serve("tcp://127.0.0.1:0", echo);
  const silent = await connect(server.endpoint);
  const free = await connect(patient.endpoint);
  const served = [...server.connections][0];
  const closed = await served?.closed;
  assert.deepEqual([closed?.by, closed?.reason], ["network", "idle"]);
  assert.ok(closed?.error instanceof TimeoutError);
  assert.equal(closed.error.message, `${silent.local}: no byte either way for 200 ms`);
  await assert.rejects(silent.receive(), { code: "ERR_CONNECTION_RESET" });
  await free.send(Uint8Array.of(1));
  assert.deepEqual(await free.receive(), Uint8Array.of(1));
  await free.close();
});

test("a peer that is killed has ended", async (t) => {
  await using server = await serve("tcp://127.0.0.1:0", echo, { framing: lines() });
  const peer = run(t, "dial", server.endpoint);
  await peer.line();
  peer.write("hello\n");
  await peer.line();
  const served = [...server.connections][0];
  peer.kill("SIGKILL");
  const closed = await served?.closed;
  assert.deepEqual([closed?.by, closed?.reason], ["remote", "ended"]);
});

suite("when the wire goes dead", needs({ root: true, commands: ["ip", "nft"] }), () => {
  test("only who watches for silence finds out; to the other the link looks open until it heals", async (t) => {
    const { near, far } = wire(t);
    const server = far.run(t, "listen", "tcp://192.0.2.2:7000");
    await server.line();
    const watching = near.run(t, "dial", "tcp://192.0.2.2:7000", { idleTimeoutMs: 200 });
    const trusting = near.run(t, "dial", "tcp://192.0.2.2:7000");
    await watching.line();
    await trusting.line();
    trusting.write("before\n");
    assert.deepEqual(await trusting.json(), { event: "line", line: "before" });

    for (const side of [near, far]) side.drops("tcp dport 7000", "tcp sport 7000");
    const { event, error } = await watching.json<{ event: string; error: ErrorReport }>();
    assert.equal(event, "broken");
    assert.deepEqual(error, {
      name: "TimeoutError",
      code: "ERR_TIMEOUT",
      endpoint: "tcp://192.0.2.2:7000",
      message: "tcp://192.0.2.2:7000: no byte either way for 200 ms",
    });
    assert.deepEqual(await watching.json(), { event: "closed", by: "network", reason: "idle" });

    trusting.write("after\n");
    for (const side of [near, far]) side.dropsNothing();
    assert.deepEqual(await trusting.json(), { event: "line", line: "after" });
  });
});

async function echo<Message>(connection: Connection<Message>): Promise<void> {
  for await (const message of connection) await connection.send(message);
}
