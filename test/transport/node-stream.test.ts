// What the byte stream over Node's sockets keeps beyond its contract: late starts, and what only Node does.

import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { test } from "node:test";
import { openPair } from "../../src/testing/open-pair.js";
import { StreamDriver, turns } from "../../src/testing/stream-driver.js";
import { cut, NodeStream, readByEvents } from "../../src/transport/node-stream.js";
import { tcp } from "../../src/transport/tcp.js";

const names = { local: "tcp://127.0.0.1:1", remote: "tcp://127.0.0.1:2" };

/** Both ends of a TCP connection as Node has them. */
async function sockets() {
  const server = net.createServer({ pauseOnConnect: true, allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const near = net.connect((server.address() as net.AddressInfo).port, "127.0.0.1").pause();
  const [[far]] = (await Promise.all([once(server, "connection"), once(near, "connect")])) as [
    [net.Socket],
    [],
  ];
  server.close();
  return { near, far };
}

test("a stream that broke before it was started says so once it is", async () => {
  const { near, far } = await sockets();
  const stream = new NodeStream(near, names);
  const closed = new Promise((resolve) => near.once("close", resolve));
  near.destroy(Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }));
  await closed;
  const driver = new StreamDriver(stream).start();
  assert.equal(driver.told.closed, 0, "never from inside the call");
  await driver.closed();
  assert.deepEqual([driver.error?.code, driver.error?.endpoint], ["ERR_CONNECTION_RESET", names.remote]);
  far.destroy();
});

test("after its own release a stream tells nothing but that it is closed", async () => {
  const { dialer, accepted } = await openPair(tcp, { scheme: "tcp", host: "127.0.0.1", port: 0 });
  const [left, right] = [new StreamDriver(dialer).start(), new StreamDriver(accepted).start()];
  await right.write(new Uint8Array(1_000));
  left.stream.end();
  left.stream.release();
  await left.closed();
  assert.deepEqual([left.told.chunk, left.told.end, left.error], [0, 0, undefined]);
  await right.release();
});

test("a pause in the turn of a resume holds", async () => {
  const { near, far } = await sockets();
  const driver = new StreamDriver(new NodeStream(readByEvents(near, 10), names)).start();
  driver.pause();
  driver.resume();
  driver.pause();
  await new Promise((resolve) => far.write("hello", resolve));
  await turns(10);
  assert.equal(driver.told.chunk, 0);
  driver.resume();
  assert.deepEqual(await driver.received(5), new TextEncoder().encode("hello"));
  await driver.release();
  far.destroy();
});

test("read by events, the pieces behind a pause wait for the resume, and are gone with an abort", async () => {
  const { near, far } = await sockets();
  const driver = new StreamDriver(new NodeStream(readByEvents(near, 4), names));
  driver.inside.chunk = () => driver.pause();
  driver.start();
  await new Promise((resolve) => far.write("onetwothreefour", resolve));
  assert.deepEqual(await driver.received(4), new TextEncoder().encode("onet"));
  await turns(10);
  assert.equal(driver.told.chunk, 1);
  driver.resume();
  await driver.received(8);
  assert.equal(driver.told.chunk, 2);
  driver.inside.chunk = () => driver.abort();
  driver.resume();
  await driver.closed();
  assert.equal(driver.told.chunk, 3);
  far.on("error", () => {}).destroy();
});

test("a cut resets a TCP connection, and closes a Unix one, which knows no reset", async () => {
  const tcpPair = await sockets();
  const reset = new Promise((resolve) => tcpPair.far.once("error", resolve));
  tcpPair.far.resume();
  cut(tcpPair.near, names.local);
  assert.equal(((await reset) as NodeJS.ErrnoException).code, "ECONNRESET");
  const unixPair = await sockets();
  cut(unixPair.near, "unix:");
  await once(unixPair.far.resume(), "end");
  unixPair.far.destroy();
});
