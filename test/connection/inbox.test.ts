import assert from "node:assert/strict";
import { test } from "node:test";
import type { Encoding } from "../../src/protocol/encoding/encoding.js";
import { json } from "../../src/protocol/encoding/json.js";
import { text } from "../../src/protocol/encoding/text.js";
import { chunks } from "../../src/protocol/framing/chunks.js";
import { lengthPrefixed } from "../../src/protocol/framing/length-prefixed.js";
import { lines } from "../../src/protocol/framing/lines.js";
import { memoryPair } from "../../src/transport/memory.js";
import { connectedPair, connectionOver, turns } from "../support/connected.js";
import { ManualClock } from "../support/manual-clock.js";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test("an aborted receive rejects with the signal's own reason and leaves the connection usable", async () => {
  const { client, server } = connectedPair({ framing: lines() });
  const stop = new AbortController();
  const receiving = server.receive({ signal: stop.signal });
  stop.abort(new Error("changed my mind"));
  await assert.rejects(receiving, { message: "changed my mind" });
  await assert.rejects(server.receive({ signal: stop.signal }), { message: "changed my mind" });
  await client.send("still here");
  assert.equal(await server.receive(), "still here");
});

test("a receive that times out leaves the message to the next call", async () => {
  const clock = new ManualClock();
  const { client, server } = connectedPair({ framing: lines(), clock });
  const receiving = server.receive({ timeoutMs: 50 });
  clock.advance(50);
  await assert.rejects(receiving, { name: "TimeoutError", code: "ERR_TIMEOUT", timeoutMs: 50 });
  await client.send("late");
  assert.equal(await server.receive({ timeoutMs: 50 }), "late");
  assert.equal(clock.pending, 0, "a timer was left behind");
});

test("two readers at once are told so", async () => {
  const { client, server } = connectedPair({ framing: lines() });
  const first = server.receive();
  await assert.rejects(server.receive(), { name: "BusyError", code: "ERR_BUSY" });
  await assert.rejects(server.batches().next(), { name: "BusyError" });
  await client.send("for the first");
  assert.equal(await first, "for the first");
});

test("leaving a loop leaves the connection open", async () => {
  const { client, server } = connectedPair({ framing: lines() });
  for (const word of ["one", "two", "three"]) await client.send(word);
  for await (const word of server) if (word === "two") break;
  assert.equal(await server.receive(), "three");
  await client.send("four");
  for await (const batch of server.batches()) {
    assert.deepEqual(batch, ["four"]);
    break;
  }
});

test("batches deliver all that has arrived, at once", async () => {
  const { client, server } = connectedPair({ framing: lines() });
  for (let number = 0; number < 100; number += 1) void client.send(String(number));
  await client.end();
  const sizes: number[] = [];
  for await (const batch of server.batches()) sizes.push(batch.length);
  assert.deepEqual(sizes, [100]);
});

test("a batch holds 512 messages at most, and the rest comes in the next", async () => {
  const { client, server } = connectedPair({ framing: lines() });
  for (let index = 0; index < 1_025; index += 1) await client.send(String(index));
  await client.end();
  await turns();
  const batches: string[][] = [];
  for await (const batch of server.batches()) batches.push(batch);
  assert.deepEqual(
    batches.map(({ length }) => length),
    [512, 512, 1],
  );
  assert.deepEqual(
    batches.flat(),
    Array.from({ length: 1_025 }, (_, index) => String(index)),
  );
});

test("messages in front of one that cannot be read are delivered; the error comes in its place", async () => {
  for (const read of ["messages", "batches"] as const) {
    const { dialer, accepted } = memoryPair();
    const client = connectionOver(dialer);
    const server = connectionOver(accepted, { framing: lines(), encoding: json() });
    await client.send(bytesOf('1\n2\n{"broken\n4\n'));
    const seen: unknown[] = [];
    await assert.rejects(
      async () => {
        if (read === "messages") for await (const message of server) seen.push(message);
        else for await (const batch of server.batches()) seen.push(...batch);
      },
      { name: "ProtocolError", by: "remote", op: "receive", endpoint: server.remote },
    );
    assert.deepEqual(seen, [1, 2]);
    const { by, error } = await server.closed;
    assert.equal(by, "remote");
    assert.equal(error?.name, "ProtocolError");
    await assert.rejects(server.receive(), { name: "ProtocolError" });
    await assert.rejects(client.receive(), { code: "ERR_CONNECTION_RESET" });
  }
});

test("a frame above the limit ends the connection before it is buffered", async () => {
  const { dialer, accepted } = memoryPair();
  const client = connectionOver(dialer);
  const server = connectionOver(accepted, { framing: lengthPrefixed(), frameBytesMax: 1_000 });
  await client.send(Uint8Array.of(0xff, 0xff, 0xff, 0xff));
  await assert.rejects(server.receive(), { name: "LimitError", limit: "frameBytesMax" });
  assert.equal((await server.closed).by, "remote");
});

test("an unterminated last line is delivered, an unfinished frame is an error that counts", async () => {
  const open = memoryPair();
  const client = connectionOver(open.dialer);
  const server = connectionOver(open.accepted, { framing: lines() });
  await client.send(bytesOf("whole\npart"));
  await client.end();
  assert.equal(await server.receive(), "whole");
  assert.equal(await server.receive(), "part");
  assert.equal(await server.receive(), undefined);
  assert.equal(await server.receive(), undefined);

  const cut = memoryPair();
  const sender = connectionOver(cut.dialer);
  const receiver = connectionOver(cut.accepted, { framing: lengthPrefixed() });
  await sender.send(Uint8Array.of(0, 0, 0, 9, 1, 2, 3));
  await sender.end();
  await assert.rejects(receiver.receive(), {
    code: "ERR_TRUNCATED",
    message: /3 of its 9 bytes were waiting, 6 missing/,
  });
});

test("a reset in the middle of a frame is a reset, not a truncated frame", async () => {
  const { dialer, accepted } = memoryPair();
  const client = connectionOver(dialer);
  const server = connectionOver(accepted, { framing: lengthPrefixed() });
  await client.send(Uint8Array.of(0, 0, 0, 9, 1, 2, 3));
  const receiving = server.receive();
  await turns();
  client.abort();
  await assert.rejects(receiving, { code: "ERR_CONNECTION_RESET" });
});

test("text over chunks is decoded across the cuts", async () => {
  const { dialer, accepted } = memoryPair();
  const client = connectionOver(dialer);
  const server = connectionOver(accepted, { framing: chunks(), encoding: text() });
  const bytes = bytesOf("né€😀");
  let received = "";
  for (const byte of bytes) {
    await client.send(Uint8Array.of(byte));
    await turns();
  }
  await client.end();
  for await (const part of server) received += part;
  assert.equal(received, "né€😀");
});

test("the input may end neither inside a character nor be reframed there", async () => {
  const { dialer, accepted } = memoryPair();
  const client = connectionOver(dialer);
  const server = connectionOver(accepted, { framing: chunks(), encoding: text() });
  await client.send(bytesOf("a€").subarray(0, 2));
  assert.equal(await server.receive(), "a");
  assert.throws(() => server.reframe({ framing: lines() }), { code: "ERR_TRUNCATED" });
  assert.equal((await server.closed).error?.code, "ERR_TRUNCATED");
});

test("readBytesMax bounds what one receive of chunks gives, as recv(n) does", async () => {
  const { client, server } = connectedPair({ readBytesMax: 1_024 });
  await client.send(new Uint8Array(3_000));
  const sizes: number[] = [];
  while (sizes.reduce((sum, size) => sum + size, 0) < 3_000) {
    const chunk = await server.receive();
    sizes.push(chunk?.length ?? 0);
  }
  assert.deepEqual(sizes, [1_024, 1_024, 952]);
});

test("messages belong to their reader: later input never changes them", async () => {
  const { client, server } = connectedPair({ framing: lengthPrefixed() });
  const kept: Uint8Array[] = [];
  for (let number = 0; number < 50; number += 1) {
    await client.send(new Uint8Array(1_000).fill(number));
    const message = await server.receive();
    if (message !== undefined) kept.push(message);
  }
  for (const [number, message] of kept.entries()) assert.ok(message.every((byte) => byte === number));
});

test("null, false, zero and the empty text are messages, whether one waits for them or not", async () => {
  const falsy = [null, false, 0, ""];
  const { client, server } = connectedPair({ framing: lines(), encoding: json() });
  for (const message of falsy) {
    const waiting = server.receive();
    await client.send(message);
    assert.equal(await waiting, message);
  }
  for (const message of falsy) await client.send(message);
  await client.end();
  await turns();
  for (const message of falsy) assert.equal(await server.receive(), message);
  assert.equal(await server.receive(), undefined);
});

test("what cannot be read is told even if the connection has ended in order by then", async () => {
  for (const read of ["messages", "batches"] as const) {
    const { dialer, accepted } = memoryPair();
    const client = connectionOver(dialer);
    const server = connectionOver(accepted, { framing: lines(), encoding: json() });
    await server.end();
    await client.send(bytesOf("1\n2\nBAD\n3\n"));
    await client.close();
    await server.closed;
    const seen: unknown[] = [];
    await assert.rejects(
      async () => {
        if (read === "messages") for await (const message of server) seen.push(message);
        else for await (const batch of server.batches()) seen.push(...batch);
      },
      { name: "ProtocolError", by: "remote" },
    );
    assert.deepEqual(seen, [1, 2]);
    await assert.rejects(server.receive(), { name: "ProtocolError" });
  }
});

test("what somebody's own encoding throws ends the connection as ours would, with its cause", async () => {
  const mistake = new Error("no such colour");
  const colours: Encoding<string> = {
    name: "colours",
    anyCut: false,
    open: () => ({
      encode: bytesOf,
      decode() {
        throw mistake;
      },
      end() {},
    }),
  };
  const { client, server } = connectedPair({ framing: lines(), encoding: colours });
  await client.send("mauve");
  await assert.rejects(server.receive(), {
    name: "ProtocolError",
    code: "ERR_INVALID_MESSAGE",
    message: `receive ${server.remote}: no such colour`,
    cause: mistake,
  });
  await assert.rejects(server.receive(), { cause: mistake });
});

test("our own close rejects a receive that waits: it must not take that for the peer's end", async () => {
  const { client, server } = connectedPair({ framing: lines() });
  const receiving = client.receive();
  const closing = client.close();
  await assert.rejects(receiving, { name: "ClosedError" });
  await server.close();
  await closing;
});
