import assert from "node:assert/strict";
import { test } from "node:test";

import { connect } from "../../src/connection/connect.js";
import { serve } from "../../src/connection/serve.js";
import { lines } from "../../src/protocol/framing/lines.js";
import { turns } from "../support/connected.js";
import { ManualClock } from "../support/manual-clock.js";

test("every connection has its own handler, whose return closes it gracefully", async () => {
  await using server = await serve(
    "memory:echo",
    async (connection) => {
      for await (const line of connection) await connection.send(line.toUpperCase());
    },
    { framing: lines() },
  );
  const clients = await Promise.all([1, 2, 3].map(() => connect("memory:echo", { framing: lines() })));
  for (const [number, client] of clients.entries()) await client.send(`client ${number}`);
  for (const [number, client] of clients.entries()) {
    assert.equal(await client.receive(), `CLIENT ${number}`);
    await client.end();
    assert.equal(await client.receive(), undefined);
  }
  await turns();
  assert.deepEqual(server.stats, { open: 0, accepted: 3, refused: 0 });
  assert.deepEqual([...server.connections], []);
});

test("a handler that throws aborts its own connection, is told to onError, and harms no other", async () => {
  const told: unknown[] = [];
  await using server = await serve(
    "memory:throwing",
    async (connection) => {
      const line = await connection.receive();
      if (line === "throw") throw new Error("a mistake");
      await connection.send("fine");
    },
    { framing: lines(), onError: (error, connection) => void told.push(error, connection.local) },
  );
  const good = await connect("memory:throwing", { framing: lines() });
  const bad = await connect("memory:throwing", { framing: lines() });
  await bad.send("throw");
  await assert.rejects(bad.receive(), { code: "ERR_CONNECTION_RESET" });
  await good.send("work");
  assert.equal(await good.receive(), "fine");
  assert.deepEqual([(told[0] as Error).message, told[1]], ["a mistake", server.endpoint]);
  await good.close();
});

test("without onError a mistake in a handler becomes a process warning; a peer's reset does not", async () => {
  const warnings: string[] = [];
  const onWarning = ({ message }: Error) => void warnings.push(message);
  process.on("warning", onWarning);
  await using server = await serve("memory:warned", async (connection) => {
    await connection.receive();
    throw new Error("a mistake nobody caught");
  });
  const reset = await connect(server.endpoint);
  await turns();
  reset.abort();
  await turns();
  const caller = await connect(server.endpoint);
  await caller.end();
  await caller.closed;
  await turns();
  process.removeListener("warning", onWarning);
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0] ?? "",
    /^the handler of memory:warned failed, .* pass onError .*: Error: a mistake nobody caught\n/,
  );
});

test("a handler that is missing is told at once, not by the first connection", async () => {
  const handler = { framing: lines() } as unknown as () => void;
  await assert.rejects(serve("memory:no-handler", handler), {
    name: "UsageError",
    message: /handler is missing/,
  });
});

test("onError that throws becomes a warning too", async () => {
  const warned = new Promise<Error>((resolve) => process.once("warning", resolve));
  await using server = await serve(
    "memory:twice-wrong",
    () => {
      throw new Error("first");
    },
    {
      onError: () => {
        throw new Error("second");
      },
    },
  );
  const client = await connect(server.endpoint);
  await client.closed;
  assert.equal((await warned).message, "second");
});

test("drain takes no more, tells the handlers, and waits for them to finish", async () => {
  const server = await serve(
    "memory:draining",
    async (connection, { signal }) => {
      await connection.receive();
      assert.equal(signal.aborted, true);
      await connection.send("finished");
    },
    { framing: lines() },
  );
  const client = await connect("memory:draining", { framing: lines() });
  await turns();
  const draining = server.drain({ deadlineMs: 5_000 });
  await assert.rejects(connect("memory:draining"), { code: "ERR_CONNECTION_REFUSED" });
  await client.send("go on");
  assert.equal(await client.receive(), "finished");
  await client.close();
  assert.deepEqual(await draining, { cut: 0 });
});

test("what has not finished at the drain's deadline is cut", async () => {
  const clock = new ManualClock();
  const server = await serve("memory:cut", async (connection) => void (await connection.receive()), {
    clock,
    onError: () => {},
  });
  const client = await connect("memory:cut");
  await turns();
  const draining = server.drain({ deadlineMs: 1_000 });
  await turns();
  clock.advance(1_000);
  assert.deepEqual(await draining, { cut: 1 });
  assert.equal((await client.closed).error?.code, "ERR_CONNECTION_RESET");
  assert.equal(clock.pending, 0);
});

test("a handler that never returns does not hold the drain back", async () => {
  const clock = new ManualClock();
  const server = await serve("memory:stuck", () => new Promise<void>(() => {}), { clock });
  const client = await connect("memory:stuck");
  await turns();
  const draining = server.drain({ deadlineMs: 1_000 });
  await turns();
  clock.advance(1_000);
  assert.deepEqual(await draining, { cut: 1 });
  await client.closed;
});

test("a handler that outlives its connection keeps its place among connectionsMax", async () => {
  let finish = () => {};
  await using server = await serve(
    "memory:outlived",
    () =>
      new Promise<void>((resolve) => {
        finish = resolve;
      }),
    { connectionsMax: 1 },
  );
  const gone = await connect(server.endpoint);
  await turns();
  gone.abort();
  await turns();
  assert.deepEqual([server.stats.open, [...server.connections].length], [1, 1]);
  assert.equal((await (await connect(server.endpoint)).closed).error?.code, "ERR_CONNECTION_RESET");
  finish();
  await turns();
  assert.deepEqual([server.stats.open, [...server.connections].length], [0, 0]);
});

test("of several drains the earliest deadline holds, and what is no deadline is told", async () => {
  const clock = new ManualClock();
  const server = await serve("memory:impatient", () => new Promise<void>(() => {}), { clock });
  const client = await connect("memory:impatient");
  await turns();
  await assert.rejects(server.drain({ deadlineMs: -1 }), {
    name: "UsageError",
    message: "deadlineMs must be a whole number of at least 0, got -1",
  });
  const draining = [10_000, 1_000, 5_000].map((deadlineMs) => server.drain({ deadlineMs }));
  await turns();
  clock.advance(1_000);
  for (const drained of draining) assert.deepEqual(await drained, { cut: 1 });
  assert.deepEqual(await server.drain({ deadlineMs: 1 }), { cut: 1 });
  assert.equal(clock.pending, 0);
  await client.closed;
});

test("a connection whose handler has returned and whose peer does not end is cut too", async () => {
  const clock = new ManualClock();
  const server = await serve("memory:lingering", () => {}, { clock, lingerMs: 60_000 });
  const client = await connect("memory:lingering");
  await turns();
  const draining = server.drain({ deadlineMs: 1_000 });
  await turns();
  clock.advance(1_000);
  assert.deepEqual(await draining, { cut: 1 });
  client.abort();
});

test("the signal begins a drain, and an end before it leaves nothing on the signal", async () => {
  const stop = new AbortController();
  const server = await serve("memory:signalled", (connection) => void connection, { signal: stop.signal });
  stop.abort();
  await assert.rejects(connect("memory:signalled"), { code: "ERR_CONNECTION_REFUSED" });
  assert.deepEqual(await server.drain(), { cut: 0 });
});
