import assert from "node:assert/strict";
import { test } from "node:test";

import { Audience } from "../../../src/cli/talk/audience.js";
import { untouched } from "../../../src/cli/talk/format.js";
import type { Terminal } from "../../../src/cli/talk/terminal.js";
import type { Connection } from "../../../src/index.js";
import { connectedPair, turns } from "../../support/connected.js";
import { ManualClock } from "../../support/manual-clock.js";

const chunk = new Uint8Array(65_536);
const chunkCount = 64;

/** A terminal whose stdin is `chunkCount` chunks. */
function terminal(): Terminal {
  let left = chunkCount;
  return {
    isTyped: false,
    read: async () => {
      left -= 1;
      return left < 0 ? undefined : chunk;
    },
    write: async () => {},
    end: async () => {},
  };
}

async function bytesOf(peer: Connection): Promise<number> {
  let count = 0;
  for await (const { length } of peer) count += length;
  return count;
}

const noTaps = { sent: [], received: [] };

test("one that never reads is cut by name after ten seconds, and the others hear all", async () => {
  const clock = new ManualClock();
  const audience = new Audience(terminal(), untouched, clock);
  const [reader, sleeper] = [connectedPair(), connectedPair()];
  const heard = bytesOf(reader.client);
  const served = audience.attend(reader.server, noTaps);
  let lost: unknown;
  const stalled = audience.attend(sleeper.server, noTaps).catch((error) => {
    lost = error;
  });
  const addressed = audience.address();
  while (lost === undefined) {
    await turns();
    clock.advance(1_000);
  }
  assert.match(String(lost), /it made no room for 10 s, while others waited/);
  assert.ok(String(lost).includes(sleeper.server.remote));
  await Promise.all([addressed, stalled]);
  assert.equal(await heard, chunkCount * chunk.length);
  await reader.client.close();
  await served;
  assert.equal(clock.pending, 0);
});
