import assert from "node:assert/strict";
import { test } from "node:test";

import { json } from "../../src/protocol/encoding/json.js";
import { lengthPrefixed } from "../../src/protocol/framing/length-prefixed.js";
import { lines } from "../../src/protocol/framing/lines.js";
import { memoryPair } from "../../src/transport/memory.js";
import { connectedPair, connectionOver, turns } from "../support/connected.js";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test("messages arrive once, in order, and whole", async () => {
  const { client, server } = connectedPair({ framing: lengthPrefixed() });
  for (let number = 0; number < 5_000; number += 1) await client.send(bytesOf(`message ${number}`));
  await client.end();
  let expected = 0;
  for await (const message of server) {
    assert.equal(new TextDecoder().decode(message), `message ${expected}`);
    expected += 1;
  }
  assert.equal(expected, 5_000);
});

test("the sends of one turn leave in one write", async () => {
  const { dialer, accepted } = memoryPair();
  const chunkSizes: number[] = [];
  accepted.start({
    onChunk: (view) => chunkSizes.push(view.length),
    onEnd() {},
    onWritten() {},
    onClosed() {},
  });
  const client = connectionOver(dialer, { framing: lines() });
  for (let count = 0; count < 100; count += 1) void client.send("0123456789");
  await turns();
  assert.deepEqual(chunkSizes, [1_100]);
});

test("a loop of awaited sends leaves timers and other sockets their turn", async () => {
  const { client, server } = connectedPair({ framing: lengthPrefixed() });
  const message = new Uint8Array(1_000);
  let turned = false;
  setImmediate(() => {
    turned = true;
  });
  const reading = (async () => {
    for await (const _ of server.batches());
  })();
  let sent = 0;
  while (!turned) {
    await client.send(message);
    sent += 1;
    assert.ok(sent < 2_000, "the event loop never turned");
  }
  await client.end();
  await reading;
});

test("the caller may use its bytes again once send has resolved", async () => {
  const { client, server } = connectedPair({ framing: lengthPrefixed() });
  const bytes = Uint8Array.of(1, 2, 3);
  await client.send(bytes);
  bytes.fill(9);
  assert.deepEqual(await server.receive(), Uint8Array.of(1, 2, 3));
});

test("a reader that never reads makes send wait, with a bounded number of bytes in the process", async () => {
  const { client, server } = connectedPair({ framing: lengthPrefixed() });
  const message = new Uint8Array(64 * 1024);
  let taken = 0;
  const sending = (async () => {
    for (let number = 0; number < 100; number += 1) {
      message[0] = number;
      await client.send(message);
      taken += 1;
    }
  })();
  await turns(200);
  const { pendingBytes } = client.stats;
  assert.ok(taken < 100, "send never waited");
  assert.ok(pendingBytes > 0 && pendingBytes < 1_048_576, `${pendingBytes} bytes pending`);
  assert.ok(server.stats.unreadBytes < 1_048_576, `${server.stats.unreadBytes} bytes unread`);

  for (let number = 0; number < 100; number += 1) assert.equal((await server.receive())?.[0], number);
  await sending;
});

test("trySend says no when there is no room, and sends nothing then", async () => {
  const { client, server } = connectedPair({ framing: lengthPrefixed(), sendBufferBytes: 1_000 });
  let taken = 0;
  while (client.trySend(Uint8Array.of(taken))) taken += 1;
  // Each frame is five bytes; the last one passes while fewer than 1,000 are queued.
  assert.equal(taken, 200);
  for (let number = 0; number < taken; number += 1) assert.equal((await server.receive())?.[0], number);
  await turns();
  assert.ok(client.trySend(Uint8Array.of(7)));
  assert.equal((await server.receive())?.[0], 7);
});

test("a message of any legal size passes alone", async () => {
  const { client, server } = connectedPair({ framing: lengthPrefixed(), sendBufferBytes: 1_000 });
  const large = new Uint8Array(1_048_576).map((_, index) => index % 251);
  void client.send(large);
  assert.deepEqual(await server.receive(), large);
});

test("a message above the limit is refused alone: nothing of it was sent", async () => {
  const { client, server } = connectedPair({ framing: lengthPrefixed(), frameBytesMax: 10 });
  await assert.rejects(client.send(new Uint8Array(11)), {
    name: "LimitError",
    limit: "frameBytesMax",
    message: /^send memory:.*frameBytesMax is 10, got 11/,
  });
  assert.throws(() => client.trySend(new Uint8Array(11)), { name: "LimitError" });
  await client.send(new Uint8Array(10));
  assert.equal((await server.receive())?.length, 10);
});

test("a message that cannot be encoded is refused alone", async () => {
  const { client, server } = connectedPair({ framing: lines(), encoding: json() });
  await assert.rejects(client.send(undefined), { name: "ProtocolError", by: "local" });
  await client.send({ fine: true });
  assert.deepEqual(await server.receive(), { fine: true });
});

test("end half-closes: the peer reads to the end and can still answer", async () => {
  const { client, server } = connectedPair({ framing: lines() });
  await client.send("question");
  await client.end();
  assert.equal(await server.receive(), "question");
  assert.equal(await server.receive(), undefined);
  await server.send("answer");
  await server.end();
  assert.equal(await client.receive(), "answer");
  assert.equal(await client.receive(), undefined);
  assert.deepEqual(await client.closed, { by: "local", reason: "ended" });
  assert.deepEqual(await server.closed, { by: "remote", reason: "ended" });
});

test("close sends what is queued, and discards what still comes", async () => {
  const { client, server } = connectedPair({ framing: lines() });
  for (let count = 0; count < 1_000; count += 1) void client.send("last words");
  const closing = client.close();
  await server.send("too late to be read");
  let received = 0;
  for await (const _ of server) received += 1;
  await server.close();
  await closing;
  assert.equal(received, 1_000);
  await assert.rejects(client.send("more"), { name: "ClosedError", code: "ERR_CLOSED" });
  await assert.rejects(client.receive(), { name: "ClosedError" });
  for await (const _ of client) assert.fail("a closed connection has no messages");
});

test("close ends a loop that waits in another place", async () => {
  const { client, server } = connectedPair({ framing: lines() });
  const loop = (async () => {
    for await (const _ of client) assert.fail("nothing was sent");
    return "ended";
  })();
  await turns();
  const closing = client.close();
  assert.equal(await loop, "ended");
  await server.close();
  await closing;
});

test("abort is seen as a reset, and told with its reason here", async () => {
  const { client, server } = connectedPair({ framing: lines() });
  const receiving = server.receive();
  client.abort(new Error("had enough"));
  await assert.rejects(receiving, { name: "DisconnectedError", code: "ERR_CONNECTION_RESET" });
  const closed = await client.closed;
  assert.deepEqual([closed.by, closed.reason], ["local", "had enough"]);
  assert.deepEqual(closed.error?.cause, new Error("had enough"));
  const { by, error } = await server.closed;
  assert.equal(by, "remote");
  assert.equal(error?.name, "DisconnectedError");
  await assert.rejects(client.receive(), { name: "ClosedError", message: /had enough/ });
  client.abort("again, which does nothing");
});

test("what arrived before a reset is delivered before the error", async () => {
  const { client, server } = connectedPair({ framing: lines() });
  await client.send("first");
  await client.send("second");
  await turns();
  client.abort();
  await server.closed;
  assert.equal(await server.receive(), "first");
  assert.equal(await server.receive(), "second");
  await assert.rejects(server.receive(), { code: "ERR_CONNECTION_RESET" });
});

test("sends that nobody awaits do not end the process when the peer leaves", async () => {
  const { client, server } = connectedPair({ framing: lengthPrefixed(), sendBufferBytes: 1_000 });
  const sends = [1, 2, 3].map(() => client.send(new Uint8Array(700)));
  server.abort();
  await client.closed;
  void client.send(new Uint8Array(1));
  const outcomes = await Promise.allSettled(sends);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ["fulfilled", "fulfilled", "rejected"],
  );
});

test("reframe goes on with the bytes that nobody has read", async () => {
  const { client, server } = connectedPair({ framing: lines() });
  await client.send("HEADER");
  const body = client.reframe({ framing: lengthPrefixed() });
  await body.send(bytesOf("binary\nbody"));
  assert.equal(await server.receive(), "HEADER");
  const rest = server.reframe({ framing: lengthPrefixed() });
  assert.deepEqual(await rest.receive(), bytesOf("binary\nbody"));
  await assert.rejects(server.receive(), { name: "ClosedError", message: /reframe/ });
  await assert.rejects(client.send("in lines again"), { name: "ClosedError", message: /reframe/ });
  assert.equal(client.trySend("in lines again"), false);
  assert.throws(() => client.reframe({ encoding: json() }), { name: "UsageError" });
});

test("reframe is refused while a receive waits", async () => {
  const { client, server } = connectedPair({ framing: lines() });
  const receiving = client.receive();
  assert.throws(() => client.reframe({ framing: lengthPrefixed() }), { name: "BusyError" });
  await server.send("still in lines");
  assert.equal(await receiving, "still in lines");
});

test("stats count messages and bytes as they are on the wire", async () => {
  const { client, server } = connectedPair({ framing: lines() });
  await client.send("12345");
  await client.send("67890");
  assert.equal(client.stats.pendingBytes, 12);
  assert.equal(await server.receive(), "12345");
  await turns();
  const { bytesReceived, messagesReceived, unreadBytes } = server.stats;
  assert.deepEqual(
    { bytesReceived, messagesReceived, unreadBytes },
    {
      bytesReceived: 12,
      messagesReceived: 1,
      unreadBytes: 6,
    },
  );
  const { bytesSent, messagesSent, pendingBytes } = client.stats;
  assert.deepEqual(
    { bytesSent, messagesSent, pendingBytes },
    { bytesSent: 12, messagesSent: 2, pendingBytes: 0 },
  );
});

test("a connection is released at the end of the block that holds it", async () => {
  const { client, server } = connectedPair({ framing: lines() });
  {
    await using held = client;
    await held.send("scoped");
    void server.close();
  }
  assert.deepEqual((await client.closed).reason, "ended");
});

test("both ends know each other's endpoint and have ids of their own", () => {
  const { client, server } = connectedPair();
  assert.equal(client.remote, server.local);
  assert.equal(client.local, server.remote);
  assert.notEqual(client.id, server.id);
});

test("reframe inside a frame that has not come whole keeps all of its bytes, and the limits", async () => {
  const { dialer, accepted } = memoryPair();
  const client = connectionOver(dialer);
  const server = connectionOver(accepted, { framing: lengthPrefixed(), frameBytesMax: 100 });
  await client.send(Uint8Array.of(0, 0, 0, 9, 65, 66));
  await assert.rejects(server.receive({ timeoutMs: 1 }), { name: "TimeoutError" });
  const raw = server.reframe({});
  assert.deepEqual(await raw.receive(), Uint8Array.of(0, 0, 0, 9, 65, 66));
  const framed = raw.reframe({ framing: lengthPrefixed() });
  await assert.rejects(framed.send(new Uint8Array(101)), { name: "LimitError" });
});

test("end resolves once all is out, for everyone who waits for it, and rejects if it never will be", async () => {
  const { client, server } = connectedPair();
  await client.send(new Uint8Array(300_000));
  const outcomes = Promise.allSettled([client.end(), client.end()]);
  await turns();
  server.abort();
  assert.deepEqual(
    (await outcomes).map(({ status }) => status),
    ["rejected", "rejected"],
  );
  await assert.rejects(client.end(), { code: "ERR_CONNECTION_RESET" });
});
