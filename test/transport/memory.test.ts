import assert from "node:assert/strict";
import { test } from "node:test";
import type { LifecycleEvent } from "../../src/core/lifecycle.js";
import { listenerContract } from "../../src/testing/listener-contract.js";
import { openPair, plainOptions } from "../../src/testing/open-pair.js";
import { streamContract } from "../../src/testing/stream-contract.js";
import { StreamDriver } from "../../src/testing/stream-driver.js";
import { direct } from "../../src/transport/memory/direct.js";
import { MemoryNetwork, memory, memoryPair } from "../../src/transport/memory.js";

let names = 0;
const endpoint = () => {
  names += 1;
  return { scheme: "memory", name: `test-${names}` } as const;
};

streamContract(test, {
  name: "memory",
  open: () => openPair(memory, endpoint()),
  resets: true,
  // Not a byte beyond the write that waits.
  heldBytesMax: 0,
});
listenerContract(test, { name: "memory", transport: memory, endpoint });

test("a pair is connected without a listener", async () => {
  const pair = memoryPair();
  const [dialer, accepted] = [new StreamDriver(pair.dialer).start(), new StreamDriver(pair.accepted).start()];
  await dialer.write(Uint8Array.of(1, 2, 3));
  assert.deepEqual(await accepted.received(3), Uint8Array.of(1, 2, 3));
  await Promise.all([dialer.release(), accepted.release()]);
});

test("each end is given at most as much at once as it asked for", async () => {
  const pair = await openPair(memory, endpoint(), { readBytesMax: 1000 });
  const sizes: number[] = [];
  pair.accepted.start({
    onChunk: (view) => sizes.push(view.length),
    onEnd() {},
    onWritten() {},
    onClosed() {},
  });
  const dialer = new StreamDriver(pair.dialer).start();
  await dialer.write(new Uint8Array(2500));
  assert.deepEqual(sizes, [1000, 1000, 500]);
  await dialer.release();
});

test("a name on one network is unknown to another", async () => {
  const [one, two] = [new MemoryNetwork(), new MemoryNetwork()];
  const name = endpoint();
  await one.listen(name, plainOptions, () => {});
  await assert.rejects(two.dial(name, plainOptions), {
    code: "ERR_CONNECTION_REFUSED",
    message: `connect memory:${name.name}: connection refused; listen on this name first, in the same process`,
  });
});

test("whoever owns the scheduler decides when anything happens", async () => {
  const tasks: (() => void)[] = [];
  const pair = new MemoryNetwork(direct((task) => tasks.push(task))).pair();
  const [dialer, accepted] = [new StreamDriver(pair.dialer).start(), new StreamDriver(pair.accepted).start()];
  const writing = dialer.write(Uint8Array.of(7));
  const seen: string[] = [];
  for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) {
    task();
    seen.push(`${accepted.told.chunk} ${dialer.told.written}`);
  }
  await writing;
  assert.deepEqual(seen, ["0 0", "1 0", "1 1"]);
});

test("a writer that breaks the contract is told so", async () => {
  const { dialer, accepted } = memoryPair();
  dialer.write(Uint8Array.of(1));
  assert.throws(() => dialer.write(Uint8Array.of(2)), /a write is under way/);
  accepted.end();
  assert.throws(() => accepted.write(Uint8Array.of(3)), /it was ended before/);
  const driver = new StreamDriver(dialer).start();
  await driver.release();
});

test("a stream that was aborted before it started is told once it starts", async () => {
  const { dialer, accepted } = memoryPair();
  dialer.abort();
  const driver = new StreamDriver(accepted).start();
  await driver.closed();
  assert.equal(driver.error?.code, "ERR_CONNECTION_RESET");
  accepted.end();
  assert.equal(accepted.write(Uint8Array.of(1)), false);
});

test("a dialler's life is told too, a refused one's to its end", async () => {
  const events: LifecycleEvent[] = [];
  const options = { ...plainOptions, observer: (event: LifecycleEvent) => events.push(event) };
  const name = endpoint();
  await assert.rejects(memory.dial(name, options));
  assert.deepEqual(
    events.map((event) => [event.name, event.by, event.error?.code]),
    [
      ["created", undefined, undefined],
      ["closed", "remote", "ERR_CONNECTION_REFUSED"],
    ],
  );
  events.length = 0;
  const stop = new AbortController();
  const dialing = memory.dial(name, { ...options, signal: stop.signal });
  stop.abort();
  await assert.rejects(dialing);
  assert.deepEqual(
    events.map((event) => [event.name, event.by]),
    [
      ["created", undefined],
      ["closed", "local"],
    ],
  );
});
