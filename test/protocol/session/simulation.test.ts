// Thousands of sessions over links that are cut at any byte, with applications that do anything; each by its seed.
// `HOLDFAST_SEED=7` replays one, `HOLDFAST_SEED=1-5000` runs more.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { SessionLimits } from "../../../src/protocol/session/session-limits.js";
import { seeded } from "../../../src/testing/cuts.js";
import { SessionPair, type SideName, sideNames } from "../../support/session-pair.js";
import { SessionTalk } from "../../support/session-talk.js";

const tiny: SessionLimits = {
  messageBytesMax: 64,
  openBytesMax: 64,
  streamCreditBytes: 64,
  mainCreditBytes: 64,
  streamsMax: 2,
  outboxBytesMax: 128,
};
const small: SessionLimits = {
  messageBytesMax: 1_000,
  openBytesMax: 100,
  streamCreditBytes: 1_500,
  mainCreditBytes: 4_000,
  streamsMax: 4,
  outboxBytesMax: 1_700,
};
const uneven: SessionLimits = { ...small, mainCreditBytes: 70_000, outboxBytesMax: 70_000, streamsMax: 0 };
const choices: readonly (Partial<SessionLimits> | undefined)[] = [tiny, small, uneven, undefined];

const aborted = { by: "local", code: "aborted", reason: "enough" } as const;

/** One session from its seed: it talks for a while over bad links, and then all must be there. */
function simulate(seed: number, end: "none" | "close" | "abort"): void {
  const random = seeded(seed);
  const chance = (probability: number) => random() < probability;
  const choose = () => choices[Math.floor(random() * choices.length)];
  const client = choose();
  const server = choose();
  const pair = new SessionPair({
    random,
    // Larger ones where more lies in the outbox, or the test would do nothing but look for its slabs.
    largestSlab: Math.floor((client && server ? 12 : 4_096) + 2 ** (random() * 13)),
    ...(client && { client }),
    ...(server && { server }),
  });
  const talk = new SessionTalk(pair, random);
  const sizes = random() * 14;
  const cutChance = random() ** 3 * 0.1;
  const steps = 200 + Math.floor(random() * 1_200);

  const move = (name: SideName) => {
    const action = Math.floor(random() * 4);
    if (action === 0) pair.write(name);
    else if (action === 1) pair.finish(name);
    else if (action === 2) pair.deliver(name, Math.ceil(2 ** (random() * sizes)));
    else if (pair.isOver) return;
    else talk.act(name);
  };
  const dial = () => {
    if (!pair.isOn("client") && pair.client.ending === undefined) pair.connect(chance(0.1));
    else if (!pair.isOn("client") && !pair.isOver && pair.client.ending?.code === "closed") pair.connect();
  };

  pair.connect();
  for (let step = 0; step < steps; step += 1) {
    const name: SideName = chance(0.5) ? "client" : "server";
    move(name);
    if (chance(cutChance)) pair.cut(name);
    if (chance(0.02)) pair.finishStale();
    if (chance(0.05)) dial();
    if (chance(0.03)) pair.advance(random() ** 4 * 4_000);
    if (end === "close" && chance(2 / steps)) pair[name].machine.close("that is all");
    if (end === "abort" && chance(1 / steps)) pair[name].machine.end(aborted);
    assertHonest(pair, end);
  }

  talk.isQuiet = true;
  const isDone = () => {
    if (end === "none") return talk.isAllThere;
    return end === "close" ? pair.isOver : pair.client.ending && pair.server.ending;
  };
  const ender = chance(0.5) ? pair.client : pair.server;
  if (end === "close") ender.machine.close("that is all");
  if (end === "abort") ender.machine.end(aborted);
  for (let turn = 0; !isDone(); turn += 1) {
    assert.ok(turn < 2_000, `it hangs:\n${talk.missing}`);
    dial();
    for (const name of sideNames) {
      while (pair.write(name) && pair.finish(name));
      pair.finish(name);
      while (pair.deliver(name, Math.ceil(2 ** (random() * sizes))));
      if (end !== "close" || chance(0.5)) talk.readAll(name);
    }
    pair.advance(10);
    // A server whose client does not come again gives up.
    if (end === "abort" && turn === 1_000)
      pair.server.machine.end({ ...aborted, by: "network", code: "expired" });
    assertHonest(pair, end);
  }
  for (const name of sideNames) talk.readAll(name);
  if (end !== "abort") assert.ok(talk.isAllThere, `not all is there:\n${talk.missing}`);
  if (end === "close") {
    for (const name of sideNames) assert.equal(pair[name].ending?.code, "closed");
  } else if (end === "none") {
    for (let turn = 0; turn < 20; turn += 1) {
      pair.settle();
      pair.advance(10);
    }
    talk.checkStreams();
  }
  for (const name of sideNames) pair.cut(name);
  // What was not acknowledged when a session was aborted stays, for the application to be told of it.
  if (end !== "abort") assert.equal(pair.slabsTaken(), 0, "memory is kept");
}

/** Nobody here breaks the protocol, so nobody may say so. */
function assertHonest({ client, server }: SessionPair, end: string): void {
  for (const { events, ending } of [client, server]) {
    const blame = events.find((event) => event.startsWith("broken: the peer broke"));
    assert.equal(blame, undefined);
    assert.notEqual(ending?.code, "protocol", ending?.reason);
    assert.ok(
      ending === undefined || end === "abort" || ending.code === "closed",
      `${ending?.code}: ${ending?.reason}`,
    );
  }
}

/** `HOLDFAST_SEED=7` or `HOLDFAST_SEED=1-5000`. */
const [first = 1, last = first] = (process.env.HOLDFAST_SEED ?? "1-100").split("-").map(Number);

function run(seed: number, end: "none" | "close" | "abort"): void {
  try {
    simulate(seed, end);
  } catch (error) {
    throw new Error(`HOLDFAST_SEED=${seed}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

suite("sessions over bad links", () => {
  test("every message arrives once and in order, and nothing is kept", () => {
    for (let seed = first; seed <= last; seed += 1) run(seed, "none");
  });

  test("a session that is closed by one side, or both, ends in order whatever becomes of its links", () => {
    for (let seed = first; seed <= last; seed += 1) run(seed, "close");
  });

  test("a session that is aborted ends for both, and what was read until then was right", () => {
    for (let seed = first; seed <= last; seed += 1) run(seed, "abort");
  });
});
