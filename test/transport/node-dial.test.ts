// One attempt with one of Node's sockets: its life is told to the end, however it ends.

import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { test } from "node:test";
import type { LifecycleEvent } from "../../src/core/lifecycle.js";
import { plainOptions } from "../../src/testing/open-pair.js";
import { asStream, nodeDial } from "../../src/transport/node-dial.js";
import { turns } from "../support/connected.js";

async function scene() {
  const server = net.createServer((socket) => socket.on("error", () => {}).end("hello"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  const events: LifecycleEvent[] = [];
  const remote = `tcp://127.0.0.1:${port}`;
  const dial = () =>
    nodeDial(
      {
        remote,
        connect: { host: "127.0.0.1", port },
        localOf: ({ localPort }) => `tcp://127.0.0.1:${localPort}`,
      },
      { ...plainOptions, observer: (event) => events.push(event) },
      asStream(plainOptions),
    );
  const told = () => events.map(({ name, by, error }) => [name, by, error?.code]);
  return { server, dial, events, told, remote };
}

test("an attempt that succeeds is a stream that has not begun to read", async () => {
  const { server, dial, events, told, remote } = await scene();
  const stream = await dial().outcome;
  assert.deepEqual(told(), [
    ["created", undefined, undefined],
    ["bound", undefined, undefined],
  ]);
  assert.deepEqual([stream.remote, stream.local], [remote, events[1]?.local]);
  assert.ok(events.every(({ id }) => id === stream.id));
  const chunks: string[] = [];
  await turns(5);
  await new Promise<void>((resolve) => {
    stream.start({
      onChunk: (view) => chunks.push(new TextDecoder().decode(view)),
      onEnd: () => stream.end(),
      onWritten() {},
      onClosed: () => resolve(),
    });
  });
  assert.deepEqual(chunks, ["hello"]);
  server.close();
});

test("an attempt that fails is closed by the network, with the reason", async () => {
  const { server, dial, told, remote } = await scene();
  server.close();
  await once(server, "close");
  const attempt = dial();
  await assert.rejects(attempt.outcome, { code: "ERR_CONNECTION_REFUSED", endpoint: remote });
  attempt.cancel();
  assert.deepEqual(told(), [
    ["created", undefined, undefined],
    ["closed", "network", "ERR_CONNECTION_REFUSED"],
  ]);
});

test("an attempt that is given up is closed by us, once, and its outcome never comes", async () => {
  const { server, dial, told } = await scene();
  const attempt = dial();
  let settled = false;
  void attempt.outcome.finally(() => {
    settled = true;
  });
  attempt.cancel();
  attempt.cancel();
  server.close();
  await once(server, "close");
  await turns(5);
  assert.equal(settled, false);
  assert.deepEqual(told(), [
    ["created", undefined, undefined],
    ["closed", "local", undefined],
  ]);
});

test("one that has connected when it is given up stays open no longer", async () => {
  const { server, dial, told } = await scene();
  const accepting = once(server, "connection");
  const attempt = dial();
  await attempt.outcome;
  attempt.cancel();
  const [accepted] = (await accepting) as [net.Socket];
  accepted.resume();
  // A reset or an end, as the unread greeting has it: either way it closes.
  if (!accepted.destroyed) await new Promise((resolve) => accepted.once("close", resolve));
  assert.deepEqual(told().at(-1), ["closed", "local", undefined]);
  server.close();
});

test("what Node refuses by throwing is a wrong use, told like any other end", async () => {
  const events: LifecycleEvent[] = [];
  const target = {
    remote: "tcp://127.0.0.1:1",
    connect: { host: "127.0.0.1", port: 1, localAddress: "foo" },
    localOf: () => assert.fail("it never connects"),
  };
  const options = { ...plainOptions, observer: (event: LifecycleEvent) => events.push(event) };
  const attempt = nodeDial(target, options, asStream(plainOptions));
  await assert.rejects(attempt.outcome, { name: "UsageError", message: /foo/ });
  attempt.cancel();
  assert.deepEqual(
    events.map(({ name, by }) => [name, by]),
    [
      ["created", undefined],
      ["closed", "local"],
    ],
  );
});
