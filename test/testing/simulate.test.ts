import assert from "node:assert/strict";
import { test } from "node:test";

import { connect } from "../../src/connection/connect.js";
import { serve } from "../../src/connection/serve.js";
import { SocketError } from "../../src/core/errors.js";
import { lines } from "../../src/protocol/framing/lines.js";
import { simulate, type World } from "../../src/testing/simulate.js";

/** Lines, sent back louder. */
function loudServer({ options }: World) {
  return serve(
    "memory:loud",
    async (connection) => {
      for await (const line of connection) await connection.send(line.toUpperCase());
    },
    { framing: lines(), ...options },
  );
}

/** A client that asks on through ten bad minutes, and connects again whenever it is cut. */
function stormy(seed: number) {
  return simulate({ seed }, async (world) => {
    await loudServer(world);
    world.weather({ everyMs: 500, lastsMs: 500 });
    let replies = 0;
    while (world.now() < 600_000) {
      const retry = { totalMs: 60_000 };
      const client = await connect("memory:loud", {
        framing: lines(),
        timeoutMs: 1_000,
        retry,
        ...world.options,
      });
      try {
        for (let asked = 0; asked < 20; asked += 1) {
          await client.send(`question ${asked}`);
          const reply = await client.receive({ timeoutMs: 2_000 });
          if (reply === undefined) break;
          // The last line may have been cut, on its way there or back.
          assert.ok(`QUESTION ${asked}`.startsWith(reply), reply);
          replies += 1;
        }
      } catch (error) {
        if (!(error instanceof SocketError)) throw error;
      }
      client.abort();
    }
    return { replies, events: world.cables.trace.events, hash: world.traceHash };
  });
}

test("one seed is one story, to the last event", async () => {
  const first = await stormy(1);
  assert.ok(first.replies > 1_000);
  assert.deepEqual(await stormy(1), first);
  assert.notEqual((await stormy(2)).hash, first.hash);
});

test("time passes as on a network, and costs none", async () => {
  await simulate({ latencyMs: 50 }, async (world) => {
    await using _server = await loudServer(world);
    const client = await connect("memory:loud", { framing: lines(), ...world.options });
    assert.equal(Math.round(world.now()), 100);
    await client.send("hello");
    assert.equal(await client.receive(), "HELLO");
    assert.equal(Math.round(world.now()), 200);
    await world.sleep(1_000_000);
    await client.close();
  });
});

/** An application with a mistake: it takes for granted that what it sent has arrived. */
async function forgetful(world: World): Promise<void> {
  await using _server = await loudServer(world);
  const client = await connect("memory:loud", { framing: lines(), ...world.options });
  world.weather({ everyMs: 100, faults: ["reset", "stall"] });
  for (let asked = 0; asked < 1_000; asked += 1) {
    await client.send(`question ${asked}`);
    assert.equal(await client.receive(), `QUESTION ${asked}`);
  }
}

test("a story that fails says how to see it again, and fails there in the same way", async () => {
  const failure = async (seed?: number) => {
    const error = await simulate({ seed, withinMs: 10 * 3_600_000 }, forgetful).then(
      () => assert.fail("it cannot go well"),
      (error: Error) => error,
    );
    const [, printed] =
      /SEED=(\d+) \(set HOLDFAST_SEED=\1 to replay it; it failed at \d+ ms\)$/.exec(error.message) ?? [];
    assert.ok(error.stack?.includes(`SEED=${printed}`));
    return { message: error.message, seed: Number(printed) };
  };
  const first = await failure();
  assert.equal((await failure(first.seed)).message, first.message);
  process.env.HOLDFAST_SEED = String(first.seed);
  try {
    assert.equal((await failure()).message, first.message);
  } finally {
    delete process.env.HOLDFAST_SEED;
  }
});

test("whatever a story throws becomes an error that says the seed", async () => {
  const thrown = Object.freeze(new Error("frozen"));
  await assert.rejects(
    simulate({ seed: 9 }, () => Promise.reject(thrown)),
    { message: /^frozen\nSEED=9 / },
  );
  await assert.rejects(
    simulate({ seed: 9 }, () => Promise.reject("a string")),
    { message: /^the story threw a string; SEED=9 / },
  );
  await assert.rejects(
    simulate({ seed: -1 }, async () => {}),
    { name: "UsageError", message: /got -1$/ },
  );
});

test("a story that can never end is told so at once", async () => {
  await assert.rejects(
    simulate({ seed: 1 }, () => new Promise(() => {})),
    { name: "UsageError", message: /nothing is left that could happen.*\nSEED=1 / },
  );
});

test("a server that crashes can be started again under its name", async () => {
  await simulate({}, async (world) => {
    const old = await loudServer(world);
    const client = await connect("memory:loud", { framing: lines(), ...world.options });
    await client.send("one");
    assert.equal(await client.receive(), "ONE");
    world.crash("memory:loud");
    assert.equal((await client.closed).error?.code, "ERR_CONNECTION_RESET");
    await assert.rejects(connect("memory:loud", world.options), { code: "ERR_CONNECTION_REFUSED" });
    await using _server = await loudServer(world);
    await old.drain();
    await (await connect("memory:loud", world.options)).close();
    assert.throws(() => world.crash("tcp://127.0.0.1:1"), { message: /is not on this network/ });
  });
});
