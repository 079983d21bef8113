// demo: contenders side by side, each under load through a cutter of its own, and what became of their messages.
// Invariant: all of them have the same seed, schedule, load and heartbeat.

import { setTimeout as sleep } from "node:timers/promises";

import { DisconnectedError } from "../../index.js";
import type { Command } from "../command.js";
import { netLoop } from "../demo/contenders/node-net.js";
import { session } from "../demo/contenders/session.js";
import { Contest, type Plan } from "../demo/contest.js";
import { brokenPromises, lostOf, type Standing, scoreboard } from "../demo/scoreboard.js";
import { clearStatus, print, showStatus } from "../output.js";
import { formatMs } from "../report/units.js";

const contenders = [session, netLoop];

/** Short enough that twenty seconds have dozens of cuts; a heartbeat in earnest waits for seconds. */
const pace = {
  heartbeat: { pingAfterMs: 100, deadAfterMs: 300 },
  cutEveryMs: 400,
  messagesPerSecond: 200,
  drainMs: 3_000,
} as const;
const shownEveryMs = 250;

export const demoCommand: Command<"demo"> = async ({ options, signals }) => {
  const tell = options.json ? inJson : inWords;
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 32);
  const plan: Plan = { ...pace, seed, forMs: options.for, onCut: tell.cut };
  const contests = await Promise.all(contenders.map((contender) => Contest.open(contender, plan)));
  const standings = () => contests.map(({ standing }) => standing);
  // Whoever stops it early wants to see how it stood.
  const undo = signals.beforeExit(() => tell.end(standings(), false));
  tell.begin(plan);
  const over = new AbortController();
  const watching = watch(standings, plan.forMs, tell.look, over.signal);
  await Promise.all(contests.map((contest) => contest.run()));
  over.abort();
  await watching;
  undo();
  tell.end(standings(), true);
  await Promise.all(contests.map((contest) => contest.close()));
  const [broken] = brokenPromises(standings());
  if (broken === undefined) return;
  throw new DisconnectedError("ERR_CONNECTION_LOST", broken, {
    op: "demo",
    advice: `--seed ${seed} has the same schedule again`,
  });
};

async function watch(
  standings: () => Standing[],
  forMs: number,
  look: Telling["look"],
  over: AbortSignal,
): Promise<void> {
  const endAt = performance.now() + forMs;
  while (!over.aborted) {
    look(standings(), endAt - performance.now());
    await sleep(shownEveryMs, undefined, { signal: over }).catch(() => {});
  }
}

/** What a run says of itself, and when. */
interface Telling {
  begin(plan: Plan): void;
  cut(contender: string, kind: string): void;
  look(standings: readonly Standing[], leftMs: number): void;
  end(standings: readonly Standing[], isOver: boolean): void;
}

/** A table on stdout at the end, and on a terminal one that lives until then. */
const inWords: Telling = {
  begin({ seed, forMs, cutEveryMs, messagesPerSecond, heartbeat }) {
    const { pingAfterMs, deadAfterMs } = heartbeat;
    print(`seed ${seed}: real links, cut for ${formatMs(forMs)}, one each ${cutEveryMs} ms on average`);
    print(
      "by a reset, an end in mid-message, a silence, or a silence that heals when the client has gone elsewhere;",
    );
    print(
      `${messagesPerSecond} messages a second each way. Heartbeats are shortened for the demo: a ping after`,
    );
    print(`${pingAfterMs} ms of silence, dead after ${deadAfterMs} ms.\n`);
  },
  cut() {},
  look(standings, leftMs) {
    if (!process.stderr.isTTY) return;
    const left = leftMs > 0 ? `${Math.ceil(leftMs / 1_000)} s left` : "waiting for what is still under way";
    showStatus(...scoreboard(standings, false), left);
  },
  end(standings, isOver) {
    clearStatus();
    for (const line of scoreboard(standings, isOver)) print(line);
  },
};

/** The same as objects on stdout, a line each. */
const inJson: Telling = {
  begin({ seed, forMs, cutEveryMs, messagesPerSecond, heartbeat }) {
    printRecord("started", { seed, forMs, cutEveryMs, messagesPerSecond, ...heartbeat });
  },
  cut(contender, kind) {
    printRecord("cut", { contender, kind });
  },
  look() {},
  end(standings) {
    for (const { name, cuts, score, failure } of standings) {
      const { sent, delivered, twice, outOfOrder, damaged } = score;
      const longestPauseMs = Math.round(score.longestPauseMs);
      const lost = lostOf(score);
      printRecord("result", {
        contender: name,
        cuts,
        sent,
        delivered,
        lost,
        twice,
        outOfOrder,
        damaged,
        longestPauseMs,
        failure,
      });
    }
  },
};

function printRecord(event: string, fields: object): void {
  print(JSON.stringify({ time: new Date().toISOString(), event, ...fields }));
}
