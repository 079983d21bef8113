// TLS begun in the middle of a connection: both sides, every transport that can, and those who try to slip something in.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import {
  type Connection,
  type ConnectionOptions,
  connect,
  type Listener,
  lines,
  listen,
} from "../../src/index.js";
import { certificates } from "../support/certificates.js";
import { accepted, connectedPair, turns } from "../support/connected.js";
import { ManualClock } from "../support/manual-clock.js";
import { meddler } from "../support/meddler.js";

const { ca, server: identity, expired, client: clientIdentity } = await certificates();
const asClient = { ca, serverName: "localhost" };
const options = { framing: lines() };

type Lines = Connection<string>;

/** Both ends of a connection, the dialled one through a relay where a test wants to see or cut the bytes. */
async function opened(
  endpoint = "tcp://127.0.0.1:0",
  more: ConnectionOptions<string> = {},
): Promise<{ listener: Listener<string>; client: Lines; server: Lines }> {
  const listener = await listen(endpoint, { ...options, ...more });
  const client = await connect(listener.endpoint, { ...options, ...more });
  return { listener, client, server: await accepted(listener) };
}

/** What both sides do in the usual way. */
async function upgrade(client: Lines, server: Lines): Promise<[Lines, Lines]> {
  await client.send("STARTTLS");
  assert.equal(await server.receive(), "STARTTLS");
  const securing = server.startTls(identity, { announce: "220 ready" });
  assert.equal(await client.receive(), "220 ready");
  return Promise.all([client.startTls(asClient), securing]);
}

async function talk(client: Lines, server: Lines): Promise<void> {
  await client.send("over TLS");
  assert.equal(await server.receive(), "over TLS");
  await server.send("so be it");
  assert.equal(await client.receive(), "so be it");
  await client.end();
  assert.equal(await server.receive(), undefined);
  await server.send("after your end");
  assert.equal(await client.receive(), "after your end");
  await server.close();
  await client.close();
  assert.deepEqual(await client.closed, { by: "local", reason: "ended" });
  assert.deepEqual(await server.closed, { by: "remote", reason: "ended" });
}

suite("TLS begins in mid-stream", () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-start-tls-"));
  after(() => rmSync(folder, { recursive: true }));
  for (const endpoint of ["tcp://127.0.0.1:0", "tcp://[::1]:0", `unix:${join(folder, "socket")}`]) {
    test(`over ${endpoint.replace(folder, "…")}`, async () => {
      const { listener, client, server } = await opened(endpoint);
      assert.equal(client.tls, undefined);
      const [inside, outside] = await upgrade(client, server);
      assert.equal(inside.tls?.version, "TLSv1.3");
      assert.equal(inside.tls?.isVerified, true);
      assert.equal(outside.tls?.serverName, "localhost");
      assert.equal(inside.id, client.id);
      assert.equal(inside.remote, client.remote);
      await talk(inside, outside);
      await listener.close();
    });
  }

  test("over memory", async () => {
    const { client, server } = connectedPair(options);
    await talk(...(await upgrade(client, server)));
  });

  test("however the bytes are cut on their way", async () => {
    const listener = await listen("tcp://127.0.0.1:0", options);
    const byBytes = await meddler(listener.endpoint, { bytesAtOnce: 1 });
    const client = await connect(byBytes.endpoint, options);
    const server = await accepted(listener);
    await talk(...(await upgrade(client, server)));
    await byBytes.close();
    await listener.close();
  });

  test("behind all that was sent before, on either side", async () => {
    const { listener, client, server } = await opened();
    const many = Array.from({ length: 500 }, (_, index) => `line ${index} ${"x".repeat(1_000)}`);
    const receiving = (async () => {
      for (const line of many) assert.equal(await client.receive(), line);
      assert.equal(await client.receive(), "220 ready");
      return client.startTls(asClient);
    })();
    for (const line of many) await server.send(line);
    const [outside, inside] = await Promise.all([
      server.startTls(identity, { announce: "220 ready" }),
      receiving,
    ]);
    await talk(inside, outside);
    await listener.close();
  });

  test("and the old object sends and receives nothing any more", async () => {
    const { client, server } = connectedPair(options);
    const [inside, outside] = await upgrade(client, server);
    await assert.rejects(client.receive(), /goes on under the object that startTls returned/);
    await assert.rejects(client.send("clear"), { name: "ClosedError" });
    assert.equal(client.trySend("clear"), false);
    await assert.rejects(client.startTls(asClient), { name: "ClosedError" });
    await talk(inside, outside);
    assert.deepEqual(await client.closed, { by: "local", reason: "ended" });
  });

  test("and not twice", async () => {
    const { client, server } = connectedPair(options);
    const [inside, outside] = await upgrade(client, server);
    await assert.rejects(inside.startTls(asClient), {
      name: "UsageError",
      message: /TLS is spoken here already/,
    });
    await talk(inside, outside);
  });
});

suite("nothing said in the clear is taken for something said inside TLS", () => {
  test("a client that finds an answer behind the announcement", async () => {
    const { client, server } = connectedPair(options);
    await server.send("220 ready");
    await server.send("250 you may trust me");
    await turns();
    assert.equal(await client.receive(), "220 ready");
    await assert.rejects(client.startTls(asClient), { name: "ProtocolError", code: "ERR_CLEAR_TEXT" });
    assert.equal((await client.closed).error?.code, "ERR_CLEAR_TEXT");
    assert.equal((await server.closed).error?.code, "ERR_CONNECTION_RESET");
  });

  test("a server that finds a command behind the request, and then announces nothing", async () => {
    const { client, server } = connectedPair(options);
    await client.send("STARTTLS");
    await client.send("RCPT TO: everybody");
    await turns();
    assert.equal(await server.receive(), "STARTTLS");
    await assert.rejects(server.startTls(identity, { announce: "220 ready" }), { code: "ERR_CLEAR_TEXT" });
    await assert.rejects(client.receive(), { code: "ERR_CONNECTION_RESET" });
  });

  test("a server that is sent a command while it waits for the handshake", async () => {
    const { client, server } = connectedPair(options);
    const securing = assert.rejects(server.startTls(identity, { announce: "220 ready" }), {
      name: "ProtocolError",
      code: "ERR_CLEAR_TEXT",
      by: "remote",
    });
    assert.equal(await client.receive(), "220 ready");
    await client.send("RCPT TO: everybody");
    await securing;
    assert.equal((await server.closed).error?.code, "ERR_CLEAR_TEXT");
  });

  test("a client that is answered in the clear", async () => {
    const { client, server } = connectedPair(options);
    const securing = assert.rejects(client.startTls(asClient), { code: "ERR_CLEAR_TEXT" });
    await server.send("454 not available");
    await securing;
  });

  test("but a ClientHello that came with the request is TLS", async () => {
    const listener = await listen("tcp://127.0.0.1:0", options);
    // Holds the client's bytes back until TLS has begun, so that all come at once.
    const held = await meddler(listener.endpoint, { holdUntilBytes: 200 });
    const client = await connect(held.endpoint, options);
    await client.send("STARTTLS");
    const securing = client.startTls(asClient);
    const server = await accepted(listener);
    assert.equal(await server.receive(), "STARTTLS");
    assert.ok(server.stats.unreadBytes > 200);
    const secured = await Promise.all([securing, server.startTls(identity)]);
    await talk(...secured);
    await held.close();
    await listener.close();
  });
});

suite("a handshake that fails ends the connection", () => {
  test("with the reason on both sides", async () => {
    const { listener, client, server } = await opened();
    const refused = assert.rejects(server.startTls(expired), {
      name: "RefusedError",
      message: /^startTls tcp:.*certificate_expired/,
    });
    await assert.rejects(client.startTls(asClient), {
      name: "CertificateError",
      code: "ERR_CERTIFICATE_EXPIRED",
      message: /^startTls tcp:/,
    });
    await refused;
    assert.equal((await client.closed).error?.code, "ERR_CERTIFICATE_EXPIRED");
    assert.equal((await server.closed).by, "remote");
    await listener.close();
  });

  test("when nothing comes in time", async () => {
    const clock = new ManualClock();
    const { client, server } = connectedPair({ ...options, clock });
    const securing = assert.rejects(server.startTls(identity, { timeoutMs: 3_000 }), {
      name: "TimeoutError",
      timeoutMs: 3_000,
    });
    await turns();
    clock.advance(3_000);
    await securing;
    assert.equal((await server.closed).by, "network");
    await client.closed;
    assert.equal(clock.pending, 0);
  });

  test("when its signal says so, by the signal's own reason", async () => {
    const { client, server } = connectedPair(options);
    const stop = new AbortController();
    const securing = server.startTls(identity, { signal: stop.signal });
    stop.abort(new Error("changed my mind"));
    await assert.rejects(securing, { message: "changed my mind" });
    const { by, reason } = await server.closed;
    assert.deepEqual([by, reason], ["local", "changed my mind"]);
    await client.closed;
  });

  for (const how of ["close", "abort"] as const) {
    test(`when the connection is ended meanwhile by ${how}`, async () => {
      const { client, server } = connectedPair(options);
      const securing = assert.rejects(server.startTls(identity));
      await turns();
      await server[how]();
      await securing;
      assert.equal((await server.closed).by, "local");
      await client.closed;
    });
  }

  test("when the peer ends or leaves instead", async () => {
    for (const leave of ["end", "abort"] as const) {
      const { client, server } = connectedPair(options);
      const securing = assert.rejects(server.startTls(identity), { name: "DisconnectedError" });
      await turns();
      await client[leave]();
      await securing;
      await server.closed;
      client.abort();
    }
    const { client, server } = connectedPair(options);
    await client.end();
    await turns();
    await assert.rejects(server.startTls(identity));
    await server.closed;
    client.abort();
  });

  test("when the announcement cannot be encoded", async () => {
    const { client, server } = connectedPair(options);
    await assert.rejects(server.startTls(identity, { announce: "two\nlines" }), { name: "ProtocolError" });
    await server.closed;
    await client.closed;
  });
});

test("what cannot work is told before anything happens", async () => {
  const { client, server } = connectedPair(options);
  for (const [wrong, message] of [
    [{}, /a certificate is missing/],
    [{ ...identity, key: clientIdentity.key }, /key is not the key of/],
  ] as const) {
    await assert.rejects(server.startTls(wrong), { name: "UsageError", message });
  }
  await assert.rejects(client.startTls({ ca }), { name: "UsageError", message: /no name to verify/ });
  const receiving = client.receive();
  await assert.rejects(client.startTls(asClient), { name: "BusyError" });
  await server.send("still here");
  assert.equal(await receiving, "still here");
  await client.end();
  await assert.rejects(client.startTls(asClient), { name: "ClosedError" });
  await server.close();
});

test("whoever ends, closes or aborts while it begins is told the truth, and nothing waits for ever", async () => {
  for (const isFull of [false, true]) {
    for (const how of ["end", "close", "abort"] as const) {
      const { listener, client, server } = await opened();
      // More than the kernel holds, for a peer that does not read.
      while (isFull && client.stats.pendingBytes === 0) {
        while (client.trySend("x".repeat(100_000)));
        await turns(1);
      }
      const securing = client.startTls(asClient);
      const ended = client[how]();
      if (how === "end") {
        await assert.rejects(ended as Promise<void>, {
          name: "ClosedError",
          message: /goes on under the object/,
        });
        client.abort();
      }
      await assert.rejects(securing, {
        name: "ClosedError",
        message: /aborted here|the connection has ended/,
      });
      await ended?.catch(() => {});
      assert.equal((await client.closed).by, "local");
      server.abort();
      await listener.close();
    }
  }
});

test("a peer that has ended leaves no socket behind", async (t) => {
  const { listener, client, server } = await opened();
  const plain = net.connect(Number(new URL(listener.endpoint).port), "127.0.0.1").on("error", () => {});
  t.after(() => plain.destroy());
  const other = await accepted(listener);
  plain.end();
  assert.equal(await other.receive(), undefined);
  const gone = new Promise((resolve) => plain.once("close", resolve));
  plain.resume();
  await assert.rejects(other.startTls(identity), { name: "ClosedError" });
  // We have ended, too.
  await gone;
  client.abort();
  server.abort();
  await listener.close();
});

test("a socket that says TLS by itself is understood, too", async (t) => {
  const listener = await listen("tcp://127.0.0.1:0", options);
  const port = Number(listener.endpoint.split(":").at(-1));
  const socket = net.connect(port, "127.0.0.1");
  t.after(() => socket.destroy());
  const server = await accepted(listener);
  const securing = assert.rejects(server.startTls(identity), { code: "ERR_INVALID_BYTES" });
  // The beginning of a record that never was.
  socket.on("error", () => {}).end(Uint8Array.of(0x16, 0x03, 0x01, 0x00, 0x05, 9, 9, 9, 9, 9));
  await securing;
  await listener.close();
});
