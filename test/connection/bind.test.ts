import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import dgram from "node:dgram";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { type BindOptions, bind } from "../../src/connection/bind.js";
import { DisconnectedError, SocketError, UsageError } from "../../src/core/errors.js";
import type { LifecycleEvent } from "../../src/core/lifecycle.js";
import { text } from "../../src/protocol/encoding/text.js";

const bytesOf = (written: string) => new TextEncoder().encode(written);
const portOf = (endpoint: string) => Number(endpoint.slice(endpoint.lastIndexOf(":") + 1));

test("a port of 0 is the system's choice, and the endpoint says which", async () => {
  await using udp = await bind("udp://127.0.0.1:0");
  assert.match(udp.endpoint, /^udp:\/\/127\.0\.0\.1:[1-9]\d*$/);
  assert.equal(udp.local, udp.endpoint);
  assert.equal(udp.remote, undefined);
});

test("IPv6 works as IPv4 does", async () => {
  await using one = await bind("udp://[::1]:0");
  await using two = await bind("udp://[::1]:0");
  await one.send(bytesOf("six"), two.endpoint);
  assert.deepEqual(await two.receive(), { data: bytesOf("six"), from: one.endpoint });
  assert.match(one.endpoint, /^udp:\/\/\[::1\]:\d+$/);
  await assert.rejects(one.send(new Uint8Array(65_528), two.endpoint), /datagramBytesMax is 65527/);
});

test("* takes both families, names IPv4 peers plainly, and answers them", async () => {
  await using every = await bind("udp://*:0");
  assert.match(every.endpoint, /^udp:\/\/\*:\d+$/);
  for (const host of ["127.0.0.1", "[::1]"]) {
    await using peer = await bind(`udp://${host}:0`);
    await peer.send(bytesOf("hello"), `udp://${host}:${portOf(every.endpoint)}`);
    const asked = await every.receive();
    assert.deepEqual(asked, { data: bytesOf("hello"), from: peer.endpoint });
    await every.send(bytesOf("answer"), asked.from);
    assert.deepEqual((await peer.receive())?.data, bytesOf("answer"));
  }
});

test("family leaves one of the two out", async () => {
  await using four = await bind("udp://*:0", { family: 4 });
  await assert.rejects(four.send(bytesOf("x"), "udp://[::1]:9"), { code: "ERR_ADDRESS_NOT_AVAILABLE" });
  await using six = await bind("udp://*:0", { family: 6 });
  await assert.rejects(six.send(bytesOf("x"), "udp://127.0.0.1:9"), { code: "ERR_ADDRESS_NOT_AVAILABLE" });
  await assert.rejects(bind("udp://127.0.0.1:0", { family: 6 }), DisconnectedError);
});

test("a name binds to its address", async () => {
  await using udp = await bind("udp://localhost:0", { family: 4 });
  assert.match(udp.endpoint, /^udp:\/\/127\.0\.0\.1:\d+$/);
  await assert.rejects(bind("udp://no-such-host.invalid:0"), DisconnectedError);
});

test("a socket connected from * knows which of our addresses it uses", async () => {
  await using peer = await bind("udp://[::1]:0");
  await using udp = await bind("udp://*:0", { connect: peer.endpoint });
  assert.match(udp.local, /^udp:\/\/\[::1\]:\d+$/);
  await udp.send(bytesOf("hi"));
  assert.deepEqual(await peer.receive(), { data: bytesOf("hi"), from: udp.local });
});

test("a broadcast reaches every socket on the port, and needs the option", async () => {
  await using udp = await bind("udp://127.0.0.1:0");
  await assert.rejects(udp.send(bytesOf("x"), "udp://127.255.255.255:9"), {
    code: "ERR_PERMISSION",
    message:
      "send udp://127.255.255.255:9: permission denied (EACCES); to broadcast, bind with { broadcast: true }",
  });
  // Linux hands a broadcast to sockets bound to the broadcast address or to every interface.
  await using everywhere = await bind("udp://*:0", { family: 4, reuseAddress: true });
  await using also = await bind(`udp://*:${portOf(everywhere.endpoint)}`, { family: 4, reuseAddress: true });
  await using shouting = await bind("udp://127.0.0.1:0", { broadcast: true });
  await shouting.send(bytesOf("all"), `udp://127.255.255.255:${portOf(everywhere.endpoint)}`);
  for (const hearing of [everywhere, also]) {
    assert.deepEqual(await hearing.receive(), { data: bytesOf("all"), from: shouting.endpoint });
  }
});

test("a multicast group is joined on the interface that was named, by as many sockets as want", async () => {
  const groups = ["239.77.1.2"];
  const multicast = { groups, interface: "127.0.0.1", ttl: 0, loopback: true };
  await using one = await bind("udp://*:0", { multicast, reuseAddress: true });
  await using two = await bind(`udp://*:${portOf(one.endpoint)}`, { multicast, reuseAddress: true });
  await using sender = await bind("udp://127.0.0.1:0", { multicast: { interface: "127.0.0.1", ttl: 0 } });
  await sender.send(bytesOf("group"), `udp://239.77.1.2:${portOf(one.endpoint)}`);
  for (const member of [one, two]) {
    assert.deepEqual(await member.receive(), { data: bytesOf("group"), from: sender.endpoint });
  }
});

test("wishes that cannot be are told before anything is opened", async () => {
  const wrong: [string, BindOptions, RegExp][] = [
    [
      "127.0.0.1:0",
      {},
      /^bind tcp:\/\/127\.0\.0\.1:0: datagrams need udp:\/\/; write udp:\/\/127\.0\.0\.1:0$/,
    ],
    ["memory:x", {}, /datagrams need udp:\/\/; write udp:\/\/host:port/],
    ["udp://", {}, /bad endpoint/],
    ["udp://*:0", { connect: "tcp://127.0.0.1:1" }, /datagrams go to udp/],
    ["udp://*:0", { multicast: { groups: ["10.0.0.1"] } }, /"10\.0\.0\.1" is no multicast group/],
    ["udp://*:0", { multicast: { groups: ["239.0.0.1", "ff02::1"] } }, /IPv4 and IPv6 at once/],
    ["udp://*:0", { broadcast: true, family: 6 }, /IPv4 and IPv6 at once/],
    ["udp://*:0", { datagramsQueuedMax: 0 }, /datagramsQueuedMax must be a whole number/],
  ];
  for (const [endpoint, options, message] of wrong) {
    const observer = () => assert.fail("nothing was opened");
    await assert.rejects(bind(endpoint, { ...options, observer }), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, message);
      return true;
    });
  }
});

test("an address in use, or not ours, is told as such", async () => {
  await using first = await bind("udp://127.0.0.1:0");
  await assert.rejects(bind(first.endpoint), { code: "ERR_ADDRESS_IN_USE", endpoint: first.endpoint });
  await assert.rejects(bind("udp://203.0.113.1:0"), { code: "ERR_ADDRESS_NOT_AVAILABLE" });
});

test("an aborted bind rejects with the signal's own reason and leaves nothing open", async () => {
  const reason = new Error("changed my mind");
  await assert.rejects(bind("udp://127.0.0.1:0", { signal: AbortSignal.abort(reason) }), (e) => e === reason);
  const stop = new AbortController();
  const binding = bind("udp://localhost:0", { signal: stop.signal });
  stop.abort(reason);
  await assert.rejects(binding, (error) => error === reason);
});

test("an abort between the opening and the end of bind closes what was opened", async (t) => {
  await using peer = await bind("udp://127.0.0.1:0");
  const stop = new AbortController();
  const reason = new Error("changed my mind");
  const { connect } = dgram.Socket.prototype;
  const opened: dgram.Socket[] = [];
  t.mock.method(dgram.Socket.prototype, "connect", function (this: dgram.Socket, ...args: never) {
    opened.push(this);
    stop.abort(reason);
    return Reflect.apply(connect, this, args);
  });
  const binding = bind("udp://127.0.0.1:0", { connect: peer.endpoint, signal: stop.signal });
  await assert.rejects(binding, (error) => error === reason);
  await new Promise((resolve) => setImmediate(resolve));
  assert.throws(() => opened[0]?.address(), { code: "ERR_SOCKET_DGRAM_NOT_RUNNING" });
});

test("the life of a datagram socket is told in order, to its end", async () => {
  const events: LifecycleEvent[] = [];
  const observer = (event: LifecycleEvent) => events.push(event);
  await using peer = await bind("udp://127.0.0.1:0");
  const udp = await bind("udp://127.0.0.1:0", { connect: peer.endpoint, observer });
  await udp.close();
  const { local, remote, id } = udp;
  assert.deepEqual(events, [
    { name: "created", id, kind: "datagram", local: "udp://127.0.0.1:0" },
    { name: "bound", id, kind: "datagram", local },
    { name: "open", id, kind: "datagram", local, remote },
    { name: "closed", id, kind: "datagram", local, remote, by: "local", reason: "closed" },
  ]);
  events.length = 0;
  await assert.rejects(bind(peer.endpoint, { observer }), SocketError);
  assert.deepEqual(
    events.map(({ name, error }) => [name, error?.code]),
    [
      ["created", undefined],
      ["closed", "ERR_ADDRESS_IN_USE"],
    ],
  );
});

test("a Python program sends as its article says, and is answered", async () => {
  await using udp = await bind("udp://127.0.0.1:0", { encoding: text() });
  const python = spawn("python3", [
    "-c",
    `
import socket
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.sendto(b"Hello", ("127.0.0.1", ${portOf(udp.endpoint)}))
data, addr = sock.recvfrom(1024)
print(data.decode(), addr[1])
`,
  ]);
  const printed = once(createInterface(python.stdout), "line");
  const asked = await udp.receive();
  assert.equal(asked?.data, "Hello");
  await udp.send("Hello back", asked?.from);
  assert.deepEqual(await printed, [`Hello back ${portOf(udp.endpoint)}`]);
  assert.deepEqual(await once(python, "exit"), [0, null]);
});

test("a Python server as its article says is asked, and answers", async () => {
  const python = spawn("python3", [
    "-u",
    "-c",
    `
import socket
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("127.0.0.1", 0))
print(sock.getsockname()[1])
data, addr = sock.recvfrom(1024)
sock.sendto(data.upper(), addr)
`,
  ]);
  const [port] = await once(createInterface(python.stdout), "line");
  await using udp = await bind("udp://*:0", { encoding: text(), connect: `udp://127.0.0.1:${port}` });
  await udp.send("hello");
  assert.deepEqual(await udp.receive(), { data: "HELLO", from: `udp://127.0.0.1:${port}` });
  assert.deepEqual(await once(python, "exit"), [0, null]);
});
