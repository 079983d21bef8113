// The simulated network: the contracts in calm weather, and each fault as a story.

import assert from "node:assert/strict";
import { test } from "node:test";

import { connect } from "../../src/connection/connect.js";
import { listen } from "../../src/connection/listen.js";
import { bytes } from "../../src/protocol/encoding/bytes.js";
import { chunks } from "../../src/protocol/framing/chunks.js";
import { lines } from "../../src/protocol/framing/lines.js";
import { listenerContract } from "../../src/testing/listener-contract.js";
import { openPair } from "../../src/testing/open-pair.js";
import type { RegisterTest } from "../../src/testing/register-test.js";
import { type SimulateOptions, simulate, type World } from "../../src/testing/simulate.js";
import { streamContract } from "../../src/testing/stream-contract.js";
import { StreamDriver } from "../../src/testing/stream-driver.js";
import type { Cable } from "../../src/transport/memory/cable.js";

let here: World;
let names = 0;
const endpoint = () => {
  names += 1;
  return { scheme: "memory", name: `calm-${names}` } as const;
};

for (const segments of ["whole", "anywhere"] as const) {
  /** Each test of a contract is a story of its own. */
  const inWorld: RegisterTest = (name, body) =>
    test(name, () =>
      simulate({ seed: 1, segments }, async (world) => {
        here = world;
        await body();
      }),
    );
  const name = `a network that cuts ${segments}`;
  const open = () => openPair(here.network, endpoint());
  streamContract(inWorld, { name, open, resets: true, heldBytesMax: 2 * 65_536 });
  listenerContract(inWorld, {
    name,
    endpoint,
    transport: {
      dial: (to, options) => here.network.dial(to, options),
      listen: (at, options, onStream) => here.network.listen(at, options, onStream),
    },
  });
}

/** A client and a server that speak lines, and the cable between them. */
async function connected(world: World) {
  const options = { framing: lines(), ...world.options };
  const listener = await listen("memory:server", options);
  const client = await connect("memory:server", options);
  const server = await listener.accept();
  const [cable] = world.cables;
  assert.ok(server !== undefined && cable !== undefined);
  return { client, server, cable, listener };
}

type Scene = Awaited<ReturnType<typeof connected>> & { readonly world: World };

function story(title: string, body: (scene: Scene) => Promise<void>, options: SimulateOptions = {}): void {
  test(title, () =>
    simulate({ seed: 3, latencyMs: 10, segments: "whole", ...options }, async (world) =>
      body({ ...(await connected(world)), world }),
    ),
  );
}

story("a reset tells both ends, and loses what is under way", async ({ client, server, cable, world }) => {
  await client.send("lost");
  cable.reset();
  for (const end of [client, server]) {
    await assert.rejects(end.receive(), { code: "ERR_CONNECTION_RESET" });
    assert.equal((await end.closed).by, "remote");
  }
  assert.ok(cable.gone);
  assert.deepEqual([world.cables.size, world.cables.joined], [0, 1]);
});

story("an end in mid-message looks as clean as any", async ({ client, server, cable, world }) => {
  await client.send("whole");
  await world.sleep(5);
  cable.end("dialer");
  assert.deepEqual([await server.receive(), await server.receive()], ["whole", undefined]);
  // The other direction goes on, until the first who writes on is told.
  await server.send("still here");
  assert.equal(await client.receive(), "still here");
  await client.send("too late");
  await assert.rejects(client.receive(), { code: "ERR_CONNECTION_RESET" });
});

story(
  "a stall holds the bytes of one direction, and loses none",
  async ({ client, server, cable, world }) => {
    cable.hold("dialer");
    await client.send("held");
    await server.send("not held");
    assert.equal(await client.receive(), "not held");
    await assert.rejects(server.receive({ timeoutMs: 60_000 }), { name: "TimeoutError" });
    cable.heal();
    assert.equal(await server.receive(), "held");
    assert.ok(world.now() > 60_000);
  },
);

story("a half-open link tells nobody, however long", async ({ client, server, cable, world }) => {
  cable.hold();
  client.abort();
  await client.closed;
  await assert.rejects(server.receive({ timeoutMs: 3_000_000 }), { name: "TimeoutError" });
  assert.deepEqual([...world.cables], [cable]);
});

story("a zombie that heals late delivers what it held", async ({ client, server, cable, world }) => {
  cable.hold();
  await client.send("from long ago");
  await world.sleep(1);
  cable.kill("dialer");
  assert.equal((await client.closed).error?.code, "ERR_CONNECTION_LOST");
  await world.sleep(600_000);
  cable.heal();
  assert.equal(await server.receive(), "from long ago");
  // Nobody is there any more: who writes is told so.
  await server.send("hello?").catch(() => {});
  assert.equal((await server.closed).error?.code, "ERR_CONNECTION_RESET");
});

story("a killed end is heard of by a reset", async ({ client, server, cable }) => {
  cable.kill("accepted");
  assert.equal((await server.closed).error?.code, "ERR_CONNECTION_LOST");
  assert.equal((await client.closed).error?.code, "ERR_CONNECTION_RESET");
});

story("dials are refused, or lost until their timeout", async ({ world }) => {
  const dial = () => connect("memory:server", { timeoutMs: 1_000, ...world.options });
  world.cables.dials("refused", "memory:server");
  await assert.rejects(dial(), { code: "ERR_CONNECTION_REFUSED" });
  world.cables.dials("lost", "memory:server");
  const before = world.now();
  await assert.rejects(dial(), { message: "connect memory:server: no answer within 1000 ms" });
  assert.equal(world.now() - before, 1_000);
  world.cables.calm();
  (await dial()).abort();
});

story("an answer that is lost leaves nothing behind", async ({ world, listener }) => {
  const dialing = connect("memory:server", { timeoutMs: 1_000, ...world.options });
  await world.sleep(15);
  world.cables.dials("lost");
  await assert.rejects(dialing, { name: "TimeoutError" });
  const accepted = await listener.accept();
  await assert.rejects(accepted?.receive() ?? Promise.resolve(), { code: "ERR_CONNECTION_RESET" });
});

story(
  "bandwidth takes its time",
  async ({ world, client, server }) => {
    const before = world.now();
    await client.send("x".repeat(100_000));
    await server.receive();
    assert.ok(world.now() - before >= 1_000);
  },
  { bytesPerMs: 100 },
);

story(
  "byte by byte is nothing but slower",
  async ({ client, server }) => {
    const sent = Array.from({ length: 200 }, (_, index) => `line ${index}`);
    for (const line of sent) await client.send(line);
    await client.end();
    const received: string[] = [];
    for await (const line of server) received.push(line);
    assert.deepEqual(received, sent);
  },
  { segments: "bytes", latencyMs: [0, 3], receiveBufferBytes: 64, sendBufferBytes: 64 },
);

/** Writes `old`, and uses its memory again at a moment when it may not. */
async function careless(seed: number, early: (writer: StreamDriver, cable: Cable) => void): Promise<string> {
  return simulate({ seed }, async (world) => {
    const pair = await openPair(world.network, endpoint());
    const [dialer, accepted] = [
      new StreamDriver(pair.dialer).start(),
      new StreamDriver(pair.accepted).start(),
    ];
    const [cable] = world.cables;
    assert.ok(cable !== undefined);
    const memory = new TextEncoder().encode("old");
    dialer.stream.write(memory);
    early(dialer, cable);
    memory.set(new TextEncoder().encode("NEW"));
    await world.sleep(100);
    return new TextDecoder().decode(accepted.takeAll());
  });
}

test("memory that is used again before onWritten arrives spoilt", async () => {
  assert.equal(await careless(1, () => {}), "NEW");
});

test("and so it may after an abort, before onClosed", async () => {
  const arrived = new Set<string>();
  for (let seed = 1; seed <= 20; seed += 1) arrived.add(await careless(seed, (writer) => writer.abort()));
  assert.deepEqual([...arrived].sort(), ["", "NEW"]);
});

test("a view that is kept beyond its call is spoilt", async () => {
  await simulate({ seed: 1 }, async (world) => {
    const { dialer, accepted } = await openPair(world.network, endpoint());
    const kept: Uint8Array[] = [];
    accepted.start({ onChunk: (view) => kept.push(view), onEnd() {}, onWritten() {}, onClosed() {} });
    new StreamDriver(dialer).start().write(new TextEncoder().encode("mine"));
    await world.sleep(100);
    assert.ok(kept.length > 0);
    assert.ok(kept.every((view) => view.every((byte) => byte === 0xa5)));
  });
});

test("conditions that cannot be are refused", async () => {
  for (const [options, message] of [
    [{ latencyMs: -1 }, /latencyMs must be one time or two in order, got -1/],
    [{ latencyMs: [5, 1] }, /latencyMs/],
    [{ bytesPerMs: 0 }, /bytesPerMs must be more than 0, got 0/],
    [{ segments: "bits" }, /segments must be "whole", "anywhere" or "bytes", got bits/],
  ] as const) {
    await assert.rejects(
      simulate(options as SimulateOptions, async () => {}),
      { name: "UsageError", message },
    );
  }
});

test("a long message crosses a narrow cable whole, with buffers that never fit", async () => {
  await simulate({ seed: 5, receiveBufferBytes: 10_007, sendBufferBytes: 3_001 }, async (world) => {
    const options = { framing: chunks(), encoding: bytes(), ...world.options };
    const listener = await listen("memory:narrow", options);
    const client = await connect("memory:narrow", options);
    const server = await listener.accept();
    const sent = new Uint8Array(262_144).map((_, index) => (index * 31 + (index >> 8)) & 0xff);
    await client.send(sent);
    await client.end();
    const received: Uint8Array[] = [];
    for await (const chunk of server ?? []) received.push(chunk);
    assert.deepEqual(new Uint8Array(Buffer.concat(received)), sent);
  });
});
