import assert from "node:assert/strict";
import { test } from "node:test";

import { connect } from "../../src/connection/connect.js";
import { listen } from "../../src/connection/listen.js";
import { simulate, type World } from "../../src/testing/simulate.js";
import { type FaultName, faultNames } from "../../src/testing/weather.js";

/** Keeps ten connections up: whoever is cut connects again. */
async function crowd({ options }: World): Promise<void> {
  const listener = await listen("memory:crowd", options);
  const accept = async () => {
    for await (const connection of listener) void connection.receive().catch(() => {});
  };
  const dial = async (): Promise<never> => {
    for (;;) {
      const connection = await connect("memory:crowd", { ...options, timeoutMs: 1_000, retry: {} });
      await connection.receive().catch(() => {});
      connection.abort();
    }
  };
  void accept();
  for (let index = 0; index < 10; index += 1) void dial();
}

test("every kind of fault comes, about as often as asked for", async () => {
  await simulate({ seed: 11 }, async (world) => {
    await crowd(world);
    const weather = world.weather({ everyMs: 1_000 });
    await world.sleep(1_000_000);
    const counts = faultNames.map((name) => weather.counts[name]);
    const all = counts.reduce((sum, count) => sum + count, 0);
    assert.ok(all > 600 && all < 1_400, String(all));
    assert.ok(Math.min(...counts) > 0, JSON.stringify(weather.counts));
    assert.ok(weather.cuts > 0 && weather.cuts < all);
  });
});

for (const fault of faultNames) {
  test(`${fault} alone, and then calm`, async () => {
    await simulate({ seed: 12 }, async (world) => {
      await crowd(world);
      const weather = world.weather({ everyMs: 500, lastsMs: 2_000, faults: [fault satisfies FaultName] });
      await world.sleep(20_000);
      assert.ok(weather.counts[fault] > 0);
      weather.calm();
      const counts = { ...weather.counts };
      await (await connect("memory:crowd", world.options)).close();
      await world.sleep(100_000);
      assert.deepEqual(weather.counts, counts);
    });
  });
}
