import assert from "node:assert/strict";
import { test } from "node:test";
import type { MemoryEndpoint } from "../../src/core/endpoint.js";
import { listenerContract } from "../../src/testing/listener-contract.js";
import { MemoryNetwork } from "../../src/transport/memory.js";
import type { Transport } from "../../src/transport/transport.js";

let names = 0;
const endpoint = (): MemoryEndpoint => {
  names += 1;
  return { scheme: "memory", name: `contract-${names}` };
};

listenerContract(test, { name: "a network in memory", transport: new MemoryNetwork(), endpoint });

const good = new MemoryNetwork();
const mutants: { readonly [what: string]: Transport<MemoryEndpoint> } = {
  "lets two listen on one address": {
    dial: (to, options) => good.dial(to, options),
    listen: (at, options, onStream) =>
      good.listen(at, options, onStream).catch(() => good.listen(endpoint(), options, onStream)),
  },
  "keeps its address when it closes": {
    dial: (to, options) => good.dial(to, options),
    listen: async (at, options, onStream) => ({
      ...(await good.listen(at, options, onStream)),
      close: async () => {},
    }),
  },
  "ignores the signal": {
    dial: (to, options) => good.dial(to, { ...options, signal: undefined }),
    listen: (at, options, onStream) => good.listen(at, options, onStream),
  },
  "tells nothing of its life": {
    dial: (to, options) => good.dial(to, options),
    listen: (at, options, onStream) => good.listen(at, { ...options, observer: undefined }, onStream),
  },
};

for (const [what, transport] of Object.entries(mutants)) {
  test(`the contract finds out a transport that ${what}`, async () => {
    const stories: (() => Promise<void>)[] = [];
    listenerContract((_name, body) => stories.push(async () => body()), { name: what, transport, endpoint });
    let found = false;
    for (const body of stories) {
      await body().catch((error) => {
        found ||= error instanceof assert.AssertionError;
      });
      if (found) return;
    }
    assert.fail("no story failed");
  });
}
