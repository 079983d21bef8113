// A contest, with contenders whose faults are known: what it counts, and that it ends.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Contender, Stage } from "../../../src/cli/demo/contender.js";
import { Contest, type Plan } from "../../../src/cli/demo/contest.js";
import type { Direction } from "../../../src/cli/demo/tally.js";
import type { CutKind } from "../../../src/hub/lab/wire.js";
import { connect, serve } from "../../../src/index.js";

const plan: Plan = {
  seed: 1,
  heartbeat: { pingAfterMs: 10, deadAfterMs: 20 },
  cutEveryMs: 10,
  messagesPerSecond: 1_000,
  forMs: 60_000,
  drainMs: 1,
};

/** Dials again and again, so that there is always something to cut; its messages go beside the network. */
function contender(
  send: (stage: Stage, direction: Direction, message: string) => Promise<void> | void,
): Contender {
  return {
    name: "made up",
    settings: "",
    isExact: true,
    async open(stage) {
      const server = await serve("tcp://127.0.0.1:0", (connection) => connection.closed.then(() => {}));
      const endpoint = await stage.through(server.endpoint);
      const over = new AbortController();
      const dialling = (async () => {
        while (!over.signal.aborted) {
          const connection = await connect(endpoint);
          over.signal.addEventListener("abort", () => connection.abort(), { once: true });
          setTimeout(() => connection.abort(), plan.heartbeat.deadAfterMs);
          await connection.closed;
        }
      })();
      return {
        send: (direction, message) => send(stage, direction, message),
        async close() {
          over.abort();
          await dialling;
          await server.drain({ deadlineMs: 0 });
        },
      };
    },
  };
}

test("a contender that delivers is clean after as many cuts as were planned, of every kind", async () => {
  const kinds: CutKind[] = [];
  const contest = await Contest.open(
    contender((stage, direction, message) => stage.delivered(direction, message)),
    { ...plan, cutsMax: 8, onCut: (_, kind) => kinds.push(kind) },
  );
  await contest.run();
  const { score, ...standing } = contest.standing;
  const { sent, longestPauseMs, ...counts } = score;
  assert.deepEqual(standing, { name: "made up", isExact: true, cuts: 8, failure: undefined });
  assert.deepEqual(kinds.toSorted(), [
    "close",
    "close",
    "half-open",
    "half-open",
    "reset",
    "reset",
    "zombie",
    "zombie",
  ]);
  assert.ok(sent > 0 && longestPauseMs > 0);
  assert.deepEqual(counts, { delivered: sent, missing: 0, twice: 0, outOfOrder: 0, damaged: 0 });
  await contest.close();
});

test("one that loses and doubles is found out, and ends all the same", async () => {
  let count = 0;
  const contest = await Contest.open(
    contender((stage, direction, message) => {
      count += 1;
      if (count % 10 === 0) return;
      stage.delivered(direction, message);
      if (count % 10 === 5) stage.delivered(direction, message);
      if (count % 10 === 6) stage.delivered(direction, message.slice(1));
    }),
    { ...plan, forMs: 100 },
  );
  await contest.run();
  const { sent, delivered, twice, damaged } = contest.standing.score;
  assert.equal(sent - delivered, Math.floor(count / 10));
  assert.ok(twice >= Math.floor(count / 10) && damaged >= Math.floor(count / 10));
  await contest.close();
});

test("one that takes nothing ends too, and what comes while it drains counts", async () => {
  let stage: Stage | undefined;
  let message = "";
  const contest = await Contest.open(
    contender((...call) => {
      [stage, , message] = call;
      return new Promise(() => {});
    }),
    { ...plan, cutsMax: 1 },
  );
  await contest.run();
  assert.deepEqual([contest.standing.score.sent, contest.standing.score.delivered], [2, 0]);
  stage?.delivered("up", message);
  assert.equal(contest.standing.score.delivered, 1);
  await contest.close();
});

test("one that can send no more says why, and what it was given is lost", async () => {
  const contest = await Contest.open(
    contender(() => Promise.reject(new Error("it expired"))),
    { ...plan, cutsMax: 1 },
  );
  await contest.run();
  const { score, failure } = contest.standing;
  assert.equal(failure, "it expired");
  assert.deepEqual([score.sent, score.delivered], [2, 0]);
  await contest.close();
});
