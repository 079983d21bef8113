import assert from "node:assert/strict";
import { test } from "node:test";
import { openPair, plainOptions } from "../../src/testing/open-pair.js";
import { memory } from "../../src/transport/memory.js";

test("both ends are there, and the address is free again", async () => {
  const endpoint = { scheme: "memory", name: "open-pair" } as const;
  for (let time = 0; time < 2; time += 1) {
    const { dialer, accepted, close } = await openPair(memory, endpoint);
    assert.deepEqual([dialer.local, dialer.remote], [accepted.remote, accepted.local]);
    await close();
  }
  await assert.rejects(memory.dial(endpoint, plainOptions), { code: "ERR_CONNECTION_REFUSED" });
});

test("options reach both ends", async () => {
  const names: string[] = [];
  const endpoint = { scheme: "memory", name: "open-pair" } as const;
  await openPair(memory, endpoint, { observer: ({ name }) => names.push(name) });
  assert.deepEqual(names.slice(0, 3), ["created", "bound", "listening"]);
  assert.ok(names.includes("accepted"));
});
