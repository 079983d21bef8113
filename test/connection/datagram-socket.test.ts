import assert from "node:assert/strict";
import dgram from "node:dgram";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { type BindOptions, bind } from "../../src/connection/bind.js";
import type { DatagramSocket } from "../../src/connection/datagram-socket.js";
import { parseEndpoint } from "../../src/core/endpoint.js";
import { DisconnectedError, LimitError, type SocketError } from "../../src/core/errors.js";
import { json } from "../../src/protocol/encoding/json.js";
import { text } from "../../src/protocol/encoding/text.js";

const loopback = "udp://127.0.0.1:0";
const bytesOf = (written: string) => new TextEncoder().encode(written);

/** Two sockets on loopback, the second with `options`, closed again whatever happens. */
async function between<Send = Uint8Array, Receive = Send>(
  options: BindOptions<Send, Receive>,
  story: (one: DatagramSocket, two: DatagramSocket<Send, Receive>) => Promise<void>,
): Promise<void> {
  const one = await bind(loopback);
  const two = await bind(loopback, options);
  try {
    await story(one, two);
  } finally {
    await Promise.all([one.close(), two.close()]);
  }
}

async function until(met: () => boolean): Promise<void> {
  while (!met()) await turn();
}

/** An endpoint on which nobody listens any more. */
async function deadEndpoint(): Promise<string> {
  const gone = await bind(loopback);
  await gone.close();
  return gone.endpoint;
}

test("a message goes where the call says, and its answer to where it came from", () =>
  between({}, async (one, two) => {
    await one.send(bytesOf("ping"), two.endpoint);
    const asked = await two.receive();
    assert.deepEqual(asked, { data: bytesOf("ping"), from: one.endpoint });
    await two.send(bytesOf("pong"), parseEndpoint(asked.from));
    assert.deepEqual(await one.receive(), { data: bytesOf("pong"), from: two.endpoint });
    const { sent, received, bytesSent, bytesReceived } = one.stats;
    assert.deepEqual([sent, received, bytesSent, bytesReceived], [1, 1, 4, 4]);
  }));

test("what arrives between two reads waits for the next one, in order", () =>
  between({}, async (one, two) => {
    for (let index = 0; index < 100; index += 1) await one.send(Uint8Array.of(index), two.endpoint);
    await until(() => two.stats.received === 100);
    let expected = 0;
    for await (const { data } of two) {
      assert.deepEqual(data, Uint8Array.of(expected));
      expected += 1;
      if (expected === 100) break;
    }
    // Leaving the loop leaves the socket open.
    await one.send(bytesOf("more"), two.endpoint);
    assert.deepEqual((await two.receive())?.data, bytesOf("more"));
  }));

test("an empty datagram is one, too", () =>
  between({}, async (one, two) => {
    await one.send(new Uint8Array(0), two.endpoint);
    assert.equal((await two.receive())?.data.length, 0);
  }));

test("each datagram is a message of the encoding", () =>
  between({ encoding: json() }, async (one, two) => {
    await one.send(bytesOf('{"a":1}'), two.endpoint);
    assert.deepEqual((await two.receive())?.data, { a: 1 });
    await two.send({ b: [2] }, one.endpoint);
    assert.deepEqual((await one.receive())?.data, bytesOf('{"b":[2]}'));
  }));

test("the message is the caller's again as soon as send returns", () =>
  between({}, async (one, two) => {
    const message = bytesOf("before");
    const sending = one.send(message, two.endpoint.replace("127.0.0.1", "localhost"));
    message.fill(0);
    await sending;
    assert.deepEqual((await two.receive())?.data, bytesOf("before"));
  }));

test("a datagram that does not decode is counted and told, and the next one comes as if it had not been", async () => {
  const told: [SocketError, string][] = [];
  const onError = (error: SocketError, from: string) => told.push([error, from]);
  await between({ encoding: text(), onError }, async (one, two) => {
    await one.send(Uint8Array.of(0xc3), two.endpoint);
    await one.send(bytesOf("grüezi"), two.endpoint);
    assert.equal((await two.receive())?.data, "grüezi");
    assert.deepEqual([two.stats.invalid, two.stats.received], [1, 1]);
    const [[error, from] = []] = told;
    assert.equal(error?.code, "ERR_INVALID_BYTES");
    assert.equal(error.endpoint, one.endpoint);
    assert.equal(from, one.endpoint);
  });
});

test("a datagram above the bound is left out, counted and told", async () => {
  const told: SocketError[] = [];
  const onError = (error: SocketError) => told.push(error);
  await between({ datagramBytesMax: 10, onError }, async (one, two) => {
    await one.send(new Uint8Array(11), two.endpoint);
    await one.send(new Uint8Array(10), two.endpoint);
    assert.equal((await two.receive())?.data.length, 10);
    assert.equal(two.stats.invalid, 1);
    assert.ok(told[0] instanceof LimitError);
    assert.equal(told[0].limit, "datagramBytesMax");
  });
});

test("what onError throws becomes a process warning, and the socket goes on", async (t) => {
  const emitWarning = t.mock.method(process, "emitWarning", () => {});
  const onError = () => {
    throw new Error("a bug in onError");
  };
  await between({ encoding: json(), onError }, async (one, two) => {
    await one.send(bytesOf("{"), two.endpoint);
    await one.send(bytesOf("1"), two.endpoint);
    assert.equal((await two.receive())?.data, 1);
  });
  const [warning]: unknown[] = emitWarning.mock.calls[0]?.arguments ?? [];
  assert.equal((warning as Error).message, "a bug in onError");
});

test("what comes from port 0, or holds no message, is invalid: it is counted, told and never answered", async (t) => {
  const created = t.mock.method(dgram, "createSocket");
  const told: [string | undefined, string][] = [];
  const onError = (error: SocketError, from: string) => told.push([error.reason, from]);
  const encoding = { ...text(), open: () => ({ ...text().open(), decode: () => undefined }) };
  for (const options of [{ onError }, { onError, encoding }]) {
    await using udp = await bind<unknown, unknown>(loopback, options as BindOptions<unknown, unknown>);
    const socket = created.mock.calls.at(-1)?.result;
    const port = told.length;
    socket?.emit("message", Buffer.from("x"), { address: "127.0.0.1", port });
    assert.deepEqual([udp.stats.received, udp.stats.invalid], [0, 1]);
  }
  assert.deepEqual(told, [
    ["its source port is 0", "udp://127.0.0.1:0"],
    ["it holds no message", "udp://127.0.0.1:1"],
  ]);
});

test("a connected socket takes its peer under any name that leads there, and no other", async () => {
  await using peer = await bind("udp://[::1]:0");
  const { port } = parseEndpoint(peer.endpoint) as { port: number };
  await using udp = await bind("udp://*:0", { connect: `udp://[0:0::1]:${port}` });
  const targets = [undefined, peer.endpoint, `udp://[0:0::1]:${port}`, `udp://[::0:1]:${port}`];
  for (const to of [...targets, parseEndpoint(peer.endpoint)]) {
    await udp.send(bytesOf("hi"), to);
    assert.deepEqual((await peer.receive())?.data, bytesOf("hi"));
  }
  await peer.send(bytesOf("back"), udp.local);
  assert.deepEqual(await udp.receive(), { data: bytesOf("back"), from: peer.endpoint });
  for (const to of [`udp://[::1]:${port === 1 ? 2 : 1}`, `udp://[::2]:${port}`]) {
    await assert.rejects(udp.send(bytesOf("hi"), to), { name: "UsageError", message: /is connected to/ });
  }
});

test("a reader that is behind loses the newest, counted, and none of those that were held", () =>
  between({ datagramsQueuedMax: 3 }, async (one, two) => {
    for (let index = 0; index < 5; index += 1) await one.send(Uint8Array.of(index), two.endpoint);
    await until(() => two.stats.received + two.stats.dropped === 5);
    assert.deepEqual([two.stats.received, two.stats.dropped], [3, 2]);
    for (let index = 0; index < 3; index += 1) {
      assert.deepEqual((await two.receive())?.data, Uint8Array.of(index));
    }
    await one.send(Uint8Array.of(9), two.endpoint);
    assert.deepEqual((await two.receive())?.data, Uint8Array.of(9));
  }));

test("the bytes that are held are bounded too, but one datagram always fits", () =>
  between({ datagramQueueBytes: 1000 }, async (one, two) => {
    for (const size of [2000, 1, 1]) await one.send(new Uint8Array(size), two.endpoint);
    await until(() => two.stats.received + two.stats.dropped === 3);
    assert.deepEqual([two.stats.received, two.stats.dropped], [1, 2]);
    await two.receive();
    for (const size of [600, 400, 1]) await one.send(new Uint8Array(size), two.endpoint);
    await until(() => two.stats.received + two.stats.dropped === 6);
    assert.deepEqual([two.stats.received, two.stats.dropped], [3, 3]);
  }));

test("sends that nobody awaits are bounded, and say which option moves the bound", () =>
  between({ datagramsQueuedMax: 2, datagramQueueBytes: 100 }, async (one, two) => {
    const small = Uint8Array.of(1);
    const three = await Promise.allSettled([1, 2, 3].map(() => two.send(small, one.endpoint)));
    assert.deepEqual(
      three.map(({ status }) => status),
      ["fulfilled", "fulfilled", "rejected"],
    );
    await two.send(new Uint8Array(150), one.endpoint);
    const [first, second] = await Promise.allSettled([
      two.send(small, one.endpoint),
      two.send(new Uint8Array(100), one.endpoint),
    ]);
    assert.equal(first.status, "fulfilled");
    assert.ok(second.status === "rejected" && second.reason instanceof LimitError);
    assert.equal(second.reason.limit, "datagramQueueBytes");
  }));

test("a message too large for one datagram is refused with both sizes", () =>
  between({}, async (one, two) => {
    await assert.rejects(one.send(new Uint8Array(65_508), two.endpoint), {
      code: "ERR_LIMIT",
      message: `send ${two.endpoint}: datagramBytesMax is 65507, got 65508; one datagram carries no more: send it as several`,
    });
    await one.send(new Uint8Array(65_507), two.endpoint);
    assert.equal((await two.receive())?.data.length, 65_507);
  }));

test("a receive that waits ends by its signal or its time, and the datagram is for the next one", () =>
  between({}, async (one, two) => {
    const stop = new AbortController();
    const waiting = two.receive({ signal: stop.signal, timeoutMs: 60_000 });
    const reason = new Error("changed my mind");
    stop.abort(reason);
    await assert.rejects(waiting, (error) => error === reason);
    await assert.rejects(two.receive({ signal: stop.signal }), (error) => error === reason);
    await assert.rejects(two.receive({ timeoutMs: 1 }), {
      code: "ERR_TIMEOUT",
      message: `receive ${two.endpoint}: nothing came within 1 ms`,
    });
    await one.send(bytesOf("late"), two.endpoint);
    assert.deepEqual((await two.receive({ timeoutMs: 60_000 }))?.data, bytesOf("late"));
  }));

test("two readers at once are one too many", () =>
  between({}, async (one, two) => {
    const waiting = two.receive();
    await assert.rejects(two.receive(), { code: "ERR_BUSY" });
    await one.send(bytesOf("for the first"), two.endpoint);
    assert.deepEqual((await waiting)?.data, bytesOf("for the first"));
  }));

test("where nothing can be sent to is a wrong use, told at once", () =>
  between({}, async (one) => {
    for (const [to, reason] of [
      ["tcp://127.0.0.1:1", /datagrams go to udp:\/\/, not tcp:/],
      ["udp://*:1", /\* is for binding only/],
      ["udp://127.0.0.1:0", /port 0 is for binding only/],
      ["udp://[::1]:1", /an IPv4 socket cannot send to an IPv6 address/],
      ["nonsense", /bad endpoint "nonsense"/],
    ] as const) {
      await assert.rejects(one.send(bytesOf("x"), to), reason);
    }
    await assert.rejects(one.send(bytesOf("x")), /there is nobody to send to/);
    await assert.rejects(one.send("text" as never, "udp://127.0.0.1:1"), {
      code: "ERR_INVALID_MESSAGE",
      endpoint: "udp://127.0.0.1:1",
    });
  }));

test("a name is resolved once, and one that does not exist is told each time", () =>
  between({}, async (one, two) => {
    const named = two.endpoint.replace("127.0.0.1", "localhost");
    for (const word of ["first", "second"]) {
      await one.send(bytesOf(word), named);
      assert.deepEqual((await two.receive())?.data, bytesOf(word));
    }
    for (let time = 0; time < 2; time += 1) {
      await assert.rejects(one.send(bytesOf("x"), "udp://no-such-host.invalid:9"), DisconnectedError);
    }
  }));

test("an abort while a name is resolved means not sent", () =>
  between({}, async (one, two) => {
    const stop = new AbortController();
    const named = two.endpoint.replace("127.0.0.1", "localhost");
    const sending = one.send(bytesOf("x"), named, { signal: stop.signal });
    const reason = new Error("changed my mind");
    stop.abort(reason);
    await assert.rejects(sending, (error) => error === reason);
    await assert.rejects(one.send(bytesOf("x"), two.endpoint, { signal: stop.signal }), (e) => e === reason);
    assert.equal(one.stats.sent, 0);
  }));

test("a connected socket talks to its peer alone", () =>
  between({}, async (peer, stranger) => {
    await using udp = await bind(loopback, { connect: peer.endpoint });
    assert.equal(udp.remote, peer.endpoint);
    await udp.send(bytesOf("hello"));
    assert.deepEqual(await peer.receive(), { data: bytesOf("hello"), from: udp.local });
    await stranger.send(bytesOf("let me in"), udp.local);
    await peer.send(bytesOf("welcome"), udp.local);
    assert.deepEqual(await udp.receive(), { data: bytesOf("welcome"), from: peer.endpoint });
    await udp.send(bytesOf("thanks"), peer.endpoint);
    await assert.rejects(udp.send(bytesOf("psst"), stranger.endpoint), /the socket is connected to/);
  }));

test("a connected socket's reader is told that nobody listens, and the socket goes on", async () => {
  const endpoint = await deadEndpoint();
  await using udp = await bind(loopback, { connect: endpoint });
  for (let time = 0; time < 2; time += 1) {
    const waiting = udp.receive();
    await udp.send(bytesOf("anybody?"));
    await assert.rejects(waiting, {
      code: "ERR_CONNECTION_REFUSED",
      endpoint,
      message: `receive ${endpoint}: connection refused (ECONNREFUSED); check that something listens there`,
    });
  }
  await using late = await bind(endpoint);
  await udp.send(bytesOf("now"));
  assert.deepEqual(await late.receive(), { data: bytesOf("now"), from: udp.local });
});

test("a connected socket that only sends is told as well, and sends that nobody awaits end no process", async () => {
  await using udp = await bind(loopback, { connect: await deadEndpoint() });
  const failures: unknown[] = [];
  while (failures.length === 0) {
    void udp.send(bytesOf("unawaited"));
    await udp.send(bytesOf("anybody?")).catch((error) => failures.push(error));
    await turn();
  }
  assert.ok(failures[0] instanceof DisconnectedError);
  assert.equal(failures[0].code, "ERR_CONNECTION_REFUSED");
  // What a send was told of, a receive is not told of again.
  await assert.rejects(udp.receive({ timeoutMs: 1 }), (error) => error instanceof Error);
});

test("close sends what is under way, keeps what has come, and is told once", async () => {
  const one = await bind(loopback);
  const two = await bind(loopback);
  const sending = one.send(bytesOf("last words"), two.endpoint.replace("127.0.0.1", "localhost"));
  await Promise.all([one.close(), one.close(), sending]);
  await until(() => two.stats.received === 1);
  const ended = two.receive().then(() => two.receive());
  await two.close();
  assert.equal(await ended, undefined);
  assert.equal(await two.receive(), undefined);
  for await (const _ of two) assert.fail("there is no more");
  assert.deepEqual(await two.closed, { by: "local", reason: "closed" });
  await assert.rejects(one.send(bytesOf("x"), two.endpoint), { code: "ERR_CLOSED" });
  void one.send(bytesOf("unawaited"), two.endpoint);
});

test("close waits for sends under way no longer than it was told to", async () => {
  const clock = {
    now: () => 0,
    setTimer: (callback: () => void, delayMs: number) => setImmediate(() => delayMs === 7 && callback()),
    clearTimer: () => {},
  };
  const udp = await bind(loopback, { clock, lingerMs: 7 });
  const sending = udp.send(bytesOf("x"), "udp://no-such-host.invalid:9");
  await udp.close();
  await assert.rejects(sending);
});
