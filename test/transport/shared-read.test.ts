// One read buffer for all sockets, and accepted sockets that are moved to it.

import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { test } from "node:test";
import { limits } from "../../src/core/limits.js";
import { adopt, descriptorOf, readBuffer, stopReading } from "../../src/transport/shared-read.js";

test("every socket reads into one buffer, those that read less into its front", () => {
  const whole = readBuffer(limits.readBytesMax);
  const front = readBuffer(1_000);
  assert.equal(whole.length, limits.readBytesMax);
  assert.equal(front.length, 1_000);
  assert.equal(front.buffer, whole.buffer);
  assert.equal(readBuffer(limits.readBytesMax), whole);
});

test("one that wants larger reads has a buffer of its own", () => {
  const large = readBuffer(limits.readBytesMax + 1);
  assert.equal(large.length, limits.readBytesMax + 1);
  assert.notEqual(large.buffer, readBuffer(1).buffer);
});

test("an accepted socket is taken over with all that it has, and reads into the buffer", async () => {
  const server = net.createServer({ pauseOnConnect: true, allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = net.connect((server.address() as net.AddressInfo).port, "127.0.0.1");
  client.end("early");
  const [accepted] = (await once(server, "connection")) as [net.Socket];
  const descriptor = descriptorOf(accepted);
  assert.ok(descriptor !== undefined && descriptor > 2);

  const buffer = new Uint8Array(64);
  const read: string[] = [];
  const socket = adopt(accepted, buffer, function (byteCount, view) {
    assert.equal(this, socket);
    assert.equal(view.buffer, buffer.buffer);
    read.push(new TextDecoder().decode(view.subarray(0, byteCount)));
    return true;
  });
  assert.ok(socket, "this Node's accepted sockets can be taken over");
  assert.equal(descriptorOf(socket), descriptor);
  assert.equal(descriptorOf(accepted), undefined);
  server.close();
  await once(server, "close");

  socket.resume();
  await once(socket, "end");
  assert.equal(read.join(""), "early");
  const [[answer]] = await Promise.all([once(client, "data"), once(socket, "close"), socket.end("late")]);
  assert.equal(String(answer), "late");
});

test("a socket whose handle cannot be taken over is left as it is", () => {
  const socket = Object.assign(new net.Socket(), { _handle: {} });
  assert.equal(
    adopt(socket, new Uint8Array(1), () => true),
    undefined,
  );
  assert.equal(descriptorOf(socket), undefined);
  assert.ok(!socket.destroyed);
});

test("a socket that has read can be taken over once it stops; not while it holds unread bytes", async () => {
  const server = net.createServer({ pauseOnConnect: true, allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = net.connect((server.address() as net.AddressInfo).port, "127.0.0.1");
  client.write("one");
  const [accepted] = (await once(server, "connection")) as [net.Socket];
  const read: string[] = [];
  const callback = (byteCount: number, view: Uint8Array) => {
    read.push(new TextDecoder().decode(view.subarray(0, byteCount)));
    return true;
  };
  const taken = new Promise<net.Socket | undefined>((resolve) => {
    accepted.once("data", (chunk) => {
      stopReading(accepted);
      accepted.unshift(chunk);
      assert.equal(adopt(accepted, new Uint8Array(64), callback), undefined);
      // Which begins to read again.
      accepted.read();
      stopReading(accepted);
      resolve(adopt(accepted, new Uint8Array(64), callback));
    });
  });
  accepted.resume();
  const socket = (await taken) ?? assert.fail();
  client.end("two");
  await once(client, "finish");
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([read, socket.readableEnded], [[], false]);
  socket.resume();
  await once(socket, "end");
  assert.deepEqual(read, ["two"]);
  socket.destroy();
  client.destroy();
  server.close();
});
