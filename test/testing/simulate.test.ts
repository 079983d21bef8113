import assert from "node:assert/strict";
import { test } from "node:test";

import { connect } from "../../src/connection/connect.js";
import { serve } from "../../src/connection/serve.js";
import { lines } from "../../src/protocol/framing/lines.js";
import { listenerContract } from "../../src/testing/listener-contract.js";
import { openPair } from "../../src/testing/open-pair.js";
import type { RegisterTest } from "../../src/testing/register-test.js";
import { simulate, type World } from "../../src/testing/simulate.js";
import { streamContract } from "../../src/testing/stream-contract.js";

let here: World;
let names = 0;
const endpoint = () => {
  names += 1;
  return { scheme: "memory", name: `simulated-${names}` } as const;
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
  const name = `a simulated network that cuts ${segments}`;
  streamContract(inWorld, {
    name,
    open: () => openPair(here.network, endpoint()),
    resets: true,
    heldBytesMax: 2 * 65_536,
  });
  listenerContract(inWorld, {
    name,
    transport: {
      dial: (to, options) => here.network.dial(to, options),
      listen: (at, options, onStream) => here.network.listen(at, options, onStream),
    },
    endpoint,
  });
}

/** Lines, sent back louder. */
async function loudServer({ options }: World) {
  return serve(
    "memory:loud",
    async (connection) => {
      for await (const line of connection) await connection.send(line.toUpperCase());
    },
    { framing: lines(), ...options },
  );
}

test("a program runs over the simulated network, and time passes as it must", async () => {
  await simulate({ seed: 7, latencyMs: 50 }, async (world) => {
    await using _server = await loudServer(world);
    const client = await connect("memory:loud", { framing: lines(), ...world.options });
    assert.equal(Math.round(world.now()), 100);
    await client.send("hello");
    assert.equal(await client.receive(), "HELLO");
    assert.equal(Math.round(world.now()), 200);
    await client.close();
  });
});

test("weather and calm", async () => {
  const run = (seed: number) =>
    simulate({ seed }, async (world) => {
      await using server = await loudServer(world);
      const weather = world.weather({ everyMs: 200, lastsMs: 500 });
      let [failures, replies] = [0, 0];
      while (world.now() < 600_000) {
        try {
          const client = await connect("memory:loud", {
            framing: lines(),
            retry: { attempts: 3 },
            timeoutMs: 1000,
            ...world.options,
          });
          for (let n = 0; n < 20; n += 1) {
            await client.send(`line ${n}`);
            const reply = await client.receive({ timeoutMs: 2_000 });
            if (reply === undefined) break;
            replies += 1;
            assert.ok(`LINE ${n}`.startsWith(reply), `${reply} for ${n} on ${client.local}`);
          }
          client.abort();
        } catch (error) {
          failures += 1;
          if (!(error instanceof Error) || error instanceof assert.AssertionError) throw error;
        }
      }
      weather.calm();
      console.log(
        world.cables.joined,
        world.cables.size,
        failures,
        replies,
        weather.counts,
        world.cables.trace.events,
      );
      return [world.traceHash, server.stats.accepted];
    });
  assert.deepEqual(await run(1), await run(1));
  assert.notDeepEqual(await run(1), await run(2));
});
