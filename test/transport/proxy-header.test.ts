// PROXY headers on real sockets: under the contracts, in the ways that proxies send them, and in those that nobody should.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { connect } from "../../src/connection/connect.js";
import { serve } from "../../src/connection/serve.js";
import { type InternetEndpoint, parseEndpoint, type UnixEndpoint } from "../../src/core/endpoint.js";
import { limits } from "../../src/core/limits.js";
import { Ranges } from "../../src/core/ranges.js";
import { text } from "../../src/protocol/encoding/text.js";
import { writeProxyHeader } from "../../src/protocol/proxy/versions.js";
import { listenerContract } from "../../src/testing/listener-contract.js";
import { openPair, plainOptions } from "../../src/testing/open-pair.js";
import { streamContract } from "../../src/testing/stream-contract.js";
import { StreamDriver } from "../../src/testing/stream-driver.js";
import type { ByteStream } from "../../src/transport/byte-stream.js";
import type { ProxyHeaderOption } from "../../src/transport/proxy-header.js";
import { tcp } from "../../src/transport/tcp.js";
import type { ListenerOptions } from "../../src/transport/transport.js";
import { unix } from "../../src/transport/unix.js";
import { certificates } from "../support/certificates.js";
import { ManualClock } from "../support/manual-clock.js";
import { withoutTakeover } from "./takeover.js";

const loopback = { scheme: "tcp", host: "127.0.0.1", port: 0 } as const;
const trusting = { trustedProxies: new Ranges(["loopback", "unix"], "trustedProxies"), proxyProtocol: true };
const route = { source: { host: "192.0.2.7", port: 4711 }, destination: { host: "198.51.100.1", port: 80 } };
const line = "PROXY TCP4 192.0.2.7 198.51.100.1 4711 80\r\n";

function proxied(proxyHeader: ProxyHeaderOption): typeof tcp {
  return {
    dial: (endpoint, options) => tcp.dial(endpoint, { ...options, proxyHeader }),
    listen: (endpoint, options, onStream) => tcp.listen(endpoint, { ...options, ...trusting }, onStream),
  };
}

const byEvents: typeof tcp = {
  ...proxied(2),
  listen: (...args) => withoutTakeover(() => proxied(2).listen(...args)),
};

for (const [name, transport] of [
  ["tcp behind PROXY version 1", proxied(1)],
  ["tcp behind PROXY version 2", proxied(2)],
  ["tcp behind PROXY without takeover", byEvents],
] as const) {
  streamContract(test, { name, open: () => openPair(transport, loopback), resets: true });
  listenerContract(test, { name, transport, endpoint: () => loopback });
}

/** A listener that trusts loopback, with what came of those that connected to it. */
async function door(options: Partial<ListenerOptions> = {}) {
  const streams: ByteStream[] = [];
  const told: string[] = [];
  let onStream: () => void = () => {};
  const all = {
    ...plainOptions,
    ...trusting,
    admit: (remote: string) => told.push(`admit ${remote.replace(/\d+$/, "*")}`) > 0,
    leave: (remote: string) => void told.push(`leave ${remote.replace(/\d+$/, "*")}`),
    rename: (_remote: string, client: string) => told.push(`rename ${client}`) > 0,
    onRefused: (reason: string) => void told.push(`refused: ${reason}`),
    ...options,
  };
  const listener = await tcp.listen(loopback, all, (stream) => {
    streams.push(stream);
    onStream();
  });
  const { port } = parseEndpoint(listener.endpoint) as InternetEndpoint;
  return {
    told,
    close: () => listener.close(),
    connect: () => net.connect({ port, host: "127.0.0.1", allowHalfOpen: true }),
    async stream(): Promise<ByteStream> {
      while (streams.length === 0) {
        await new Promise<void>((resolve) => {
          onStream = resolve;
        });
      }
      return streams.shift() as ByteStream;
    },
  };
}

/** Resolves once the socket has closed, by whatever. */
function closed(client: net.Socket): Promise<void> {
  return new Promise((resolve) =>
    client
      .on("error", () => {})
      .resume()
      .once("close", () => resolve()),
  );
}

test("what comes with the header is the client's, whenever somebody begins to read it", async () => {
  const { connect, stream, close, told } = await door();
  const client = connect().end(`${line}hello`);
  const accepted = await stream();
  assert.equal(accepted.remote, "tcp://192.0.2.7:4711");
  // All of it is here, its end included, before anybody asks.
  await new Promise((resolve) => setImmediate(resolve));
  const driver = new StreamDriver(accepted).start();
  assert.deepEqual(await driver.received(5), new TextEncoder().encode("hello"));
  await driver.until(() => driver.told.end === 1);
  await driver.write(new TextEncoder().encode("bye"));
  driver.end();
  assert.equal(String((await once(client, "data"))[0]), "bye");
  await driver.until(() => driver.told.closed === 1);
  driver.check();
  assert.deepEqual(told, ["admit tcp://127.0.0.1:*", "rename tcp://192.0.2.7:4711"]);
  await close();
});

test("an end right behind the header is not lost either, though nobody reads yet", async () => {
  const { connect, stream, close } = await door();
  const client = connect().end(line);
  const accepted = await stream();
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  const driver = new StreamDriver(accepted).start();
  await driver.until(() => driver.told.end === 1);
  driver.end();
  await closed(client);
  driver.check();
  await close();
});

test("a header that comes in pieces is waited for, and reads of what follows keep to their size", async () => {
  const { connect, stream, close } = await door({ readBytesMax: 4 });
  const client = connect()
    .setNoDelay()
    .on("error", () => {});
  await once(client, "connect");
  const header = writeProxyHeader(2, route);
  for (const byte of header) {
    await new Promise((resolve) => client.write(Uint8Array.of(byte), resolve));
  }
  client.end("0123456789");
  const accepted = await stream();
  assert.equal(accepted.remote, "tcp://192.0.2.7:4711");
  const driver = new StreamDriver(accepted);
  const sizes: number[] = [];
  let before = 0;
  driver.inside.chunk = () => {
    sizes.push(driver.bytesReceived - before);
    before = driver.bytesReceived;
  };
  driver.start();
  assert.equal(new TextDecoder().decode(await driver.received(10)), "0123456789");
  assert.ok(Math.max(...sizes) <= 4);
  await driver.release();
  client.destroy();
  await close();
});

test("a proxy that speaks for itself, or of a Unix client, has the name that fits", async () => {
  const { connect, stream, close, told } = await door();
  const names = [
    [writeProxyHeader(2, undefined), /^tcp:\/\/127\.0\.0\.1:/],
    [writeProxyHeader(1, undefined), /^tcp:\/\/127\.0\.0\.1:/],
    [
      Uint8Array.of(
        ...writeProxyHeader(2, undefined).subarray(0, 12),
        0x21,
        0x31,
        0,
        216,
        ...Array(216).fill(0),
      ),
      /^unix:$/,
    ],
  ] as const;
  for (const [header, name] of names) {
    const client = connect();
    client.write(header);
    const accepted = await stream();
    assert.match(accepted.remote, name);
    accepted.abort();
    await closed(client);
  }
  assert.deepEqual(
    told.filter((event) => event.startsWith("rename")),
    ["rename unix:"],
  );
  await close();
});

test("from anybody else a header is no header, and where none is asked for neither", async () => {
  for (const options of [{ trustedProxies: new Ranges(["10.0.0.0/8"], "") }, { proxyProtocol: false }]) {
    const { connect, stream, close } = await door(options);
    const client = connect()
      .on("error", () => {})
      .end(line);
    const accepted = await stream();
    assert.match(accepted.remote, /^tcp:\/\/127\.0\.0\.1:/);
    const driver = new StreamDriver(accepted).start();
    assert.equal(new TextDecoder().decode(await driver.received(line.length)), line);
    await driver.release();
    client.destroy();
    await close();
  }
});

test("a header that is none is refused, and so is half of one", async () => {
  const { connect, close, told } = await door();
  for (const [bytes, isEnded, reason] of [
    ["GET / HTTP/1.1\r\n\r\n", false, /begins like neither/],
    ["PROXY TCP4 1.2.3.4 5.6.7.8 1 99999\r\n", false, /a port is above/],
    ["\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff", false, /65551 bytes/],
    ["PROXY TCP4 1.2", true, /ended inside it/],
  ] as const) {
    const client = connect();
    client.write(bytes, "latin1");
    if (isEnded) client.end();
    await closed(client);
    assert.deepEqual(told.slice(0, 2), ["admit tcp://127.0.0.1:*", "leave tcp://127.0.0.1:*"]);
    assert.match(told[2] ?? "", reason);
    assert.equal(told.splice(0).length, 3);
  }
  await close();
});

test("whoever looks only whether somebody listens is let go without a word", async () => {
  const { connect, close, told } = await door();
  await closed(connect().end());
  assert.deepEqual(told, ["admit tcp://127.0.0.1:*", "leave tcp://127.0.0.1:*"]);
  await close();
});

test("a header that does not come in its time is refused", async () => {
  const clock = new ManualClock();
  const { connect, close, told } = await door({ clock });
  const client = connect();
  client.write("PROXY ");
  while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
  clock.advance(limits.handshakeMs - 1);
  assert.equal(told.length, 1);
  clock.advance(1);
  assert.deepEqual(told.slice(1), ["leave tcp://127.0.0.1:*", "refused: no PROXY header within 5000 ms"]);
  await closed(client);
  assert.equal(clock.pending, 0);
  await close();
});

test("a listener that closes cuts those whose header has not come", async () => {
  const clock = new ManualClock();
  const { connect, close, told } = await door({ clock });
  const client = connect();
  while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
  await close();
  await closed(client);
  assert.deepEqual([told.at(-1), clock.pending], ["leave tcp://127.0.0.1:*", 0]);
});

test("a client that has no place in its own name is cut, and has left by that", async () => {
  const { connect, close, told } = await door({ rename: () => false });
  const client = connect();
  client.write(line);
  await closed(client);
  assert.deepEqual(told, ["admit tcp://127.0.0.1:*"]);
  await close();
});

test("at a Unix socket a proxy names TCP clients", async () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-proxy-"));
  const endpoint: UnixEndpoint = { scheme: "unix", path: join(folder, "socket") };
  const forwarding = {
    version: 1,
    source: "wss://[2001:db8::7]:4711",
    destination: "tcp://192.0.2.1:443",
  } as const;
  for (const [proxyHeader, remote] of [
    [forwarding, "tcp://[2001:db8::7]:4711"],
    [{ version: 2, source: "tcp://192.0.2.7:4711" }, "tcp://192.0.2.7:4711"],
    [2, "unix:"],
    [1, "unix:"],
  ] as const) {
    const pair = await openPair(unix, endpoint, { ...trusting, proxyHeader });
    assert.equal(pair.accepted.remote, remote);
    for (const stream of [pair.dialer, pair.accepted]) await new StreamDriver(stream).start().release();
  }
  rmSync(folder, { recursive: true });
});

test("whoever forwards says for whom; without an address that is nobody known", async () => {
  for (const [proxyHeader, remote] of [
    [{ version: 1, source: "tcp://192.0.2.7:4711" }, /^tcp:\/\/192\.0\.2\.7:4711$/],
    [{ version: 2, source: "tls://[2001:db8::7]:4711" }, /^tcp:\/\/\[2001:db8::7\]:4711$/],
    [{ version: 2, source: "unix:" }, /^tcp:\/\/127\.0\.0\.1:/],
    [{ version: 1, source: "memory:dialer-1" }, /^tcp:\/\/127\.0\.0\.1:/],
  ] as const) {
    const pair = await openPair(tcp, loopback, { ...trusting, proxyHeader });
    assert.match(pair.accepted.remote, remote);
    for (const stream of [pair.dialer, pair.accepted]) await new StreamDriver(stream).start().release();
  }
});

test("a header that cannot be written is refused before anything is dialled", async () => {
  const wrong: [option: unknown, message: RegExp][] = [
    [3, /no version 3; write 1, 2 or/],
    [{ version: 2 }, /proxyHeader\.source is no endpoint with an IP address: undefined/],
    [{ version: 2, source: "tcp://example.org:1" }, /proxyHeader\.source is no endpoint/],
    [{ version: 2, source: "192.0.2.7" }, /proxyHeader\.source is no endpoint/],
    [{ version: 2, source: "tcp://192.0.2.7:99999" }, /proxyHeader\.source is no endpoint/],
    [
      { version: 1, source: "tcp://192.0.2.7:1", destination: "x" },
      /proxyHeader\.destination is no endpoint/,
    ],
  ];
  for (const [option, message] of wrong) {
    const proxyHeader = option as ProxyHeaderOption;
    for (const dialled of [
      tcp.dial({ ...loopback, port: 9 }, { ...plainOptions, proxyHeader }),
      unix.dial({ scheme: "unix", path: "/nowhere" }, { ...plainOptions, proxyHeader }),
    ]) {
      await assert.rejects(dialled, { name: "UsageError", op: "connect", message });
    }
  }
});

test("what comes in one piece with the header is there for TLS and for HTTP", async () => {
  const { ca, server: identity } = await certificates();
  for (const endpoint of [
    "tcp://127.0.0.1:0",
    "tls://127.0.0.1:0",
    "ws://127.0.0.1:0",
    "wss://127.0.0.1:0",
  ]) {
    const given = { encoding: text(), trustedProxies: ["loopback"], proxyProtocol: true, tls: identity };
    await using server = await serve(
      endpoint,
      async (connection) => connection.send(`${await connection.receive()} from ${connection.remote}`),
      given,
    );
    const { port } = parseEndpoint(server.endpoint) as InternetEndpoint;
    const relay = net.createServer((near) => {
      const far = net.connect(port, "127.0.0.1");
      near.once("data", (first) => {
        far.write(Buffer.concat([writeProxyHeader(2, route), first]));
        near.pipe(far).pipe(near);
      });
      for (const socket of [near, far]) socket.on("error", () => {});
    });
    await once(relay.listen(0, "127.0.0.1"), "listening");
    const [scheme = ""] = endpoint.split(":");
    const door = endpoint.replace(":0", `:${(relay.address() as net.AddressInfo).port}`);
    const trust = scheme === "tls" || scheme === "wss" ? { tls: { ca } } : {};
    const client = await connect(door, { encoding: text(), ...trust });
    await client.send("hello");
    assert.equal(await client.receive(), `hello from ${scheme}://192.0.2.7:4711`);
    await client.close();
    relay.close();
  }
});
