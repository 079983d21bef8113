// The experiment with a cut: numbered messages both ways over a session and over a plain connection, and in the middle of
// the count both links fail in the same way, with messages under way.

import type { CutOrder, CutResult, CutRoad, CutWay } from "./messages.js";
import { PlainRoad } from "./plain-road.js";
import { type Emit, type LabContext, type Run, runExperiment } from "./run.js";
import { heartbeat, SessionRoad } from "./session-road.js";

/** The whole count takes about this long, so that one can watch it. */
const countMs = 2_000;
const gapMsMax = 40;
const countsEveryMs = 50;

const ways: { readonly [Way in CutWay]: string } = {
  reset: "is reset: both ends are told that it broke, and not what was lost",
  close: "is closed: both ends see an orderly end, as if all had been said",
  "half-open": "stays silent: no end and no error, so for TCP it is still up",
};

export function runCut(order: CutOrder, emit: Emit<"cut">, context: LabContext = {}): Promise<void> {
  return runExperiment("cut", emit, context, async (run) => {
    const { how, messages } = order;
    const { deadAfterMs } = heartbeat;
    const said =
      `${messages} numbered messages each way, over a session and over a plain connection, each through a relay that ` +
      `fails half-way (${how}). The session's heartbeat is shortened to ${deadAfterMs} ms.`;
    await run.tell("lab", "began", said, { how, messages, deadAfterMs });
    const roads = { session: await SessionRoad.open(run), plain: await PlainRoad.open(run) };
    const over = new AbortController();
    const watching = watch(run, roads, over.signal);
    await count(run, order, roads);
    await Promise.all([roads.session.finish(), roads.plain.finish()]);
    over.abort();
    await watching;
    const result = { session: roads.session.result, plain: roads.plain.result };
    await run.tell("lab", "result", resultText(result), result);
  });
}

type Roads = { readonly session: SessionRoad; readonly plain: PlainRoad };
const roadNames: readonly CutRoad[] = ["session", "plain"];

async function count(run: Run<"cut">, { messages, how }: CutOrder, roads: Roads): Promise<void> {
  const gapMs = Math.max(1, Math.min(gapMsMax, Math.round(countMs / messages)));
  const cutAt = Math.floor(messages / 2);
  // Those in between are under way when the link fails.
  const silentAt = cutAt - Math.max(2, Math.min(10, Math.round(messages / 20)));
  for (let number = 1; number <= messages; number += 1) {
    for (const on of roadNames) roads[on].post(number);
    await run.pause(gapMs);
    for (const on of roadNames) {
      const { relay } = roads[on];
      if (number === silentAt) {
        relay.silence();
        const text = `${on}: after message ${number} nothing passes any more, and nobody is told`;
        void run.tell("network", "silent", text, { on, at: number });
      }
      if (number === cutAt) {
        const droppedBytes = relay.cut(how);
        const text = `${on}: the link ${ways[how]}; the relay held ${droppedBytes} bytes`;
        void run.tell("network", "cut", text, { on, how, droppedBytes });
      }
    }
  }
}

/** Tells the numbers whenever they have changed, and at the end. */
async function watch(run: Run<"cut">, { session, plain }: Roads, over: AbortSignal): Promise<void> {
  let before = "";
  while (!run.signal.aborted) {
    const isLast = over.aborted;
    const counts = { session: session.counts, plain: plain.counts };
    const now = JSON.stringify(counts);
    if (now !== before) {
      const { sent, unacknowledged, outboxBytes, state } = counts.session.client;
      const text =
        `session ${state}: sent ${sent}, of which ${unacknowledged} unacknowledged wait in the outbox ` +
        `(${outboxBytes} bytes); arrived ${counts.session.server.arrived}. Plain: sent ${counts.plain.client.sent}, ` +
        `arrived ${counts.plain.server.arrived}`;
      await run.tell("lab", "counts", text, counts);
    }
    before = now;
    if (isLast) return;
    await run.pause(countsEveryMs).catch(() => {});
  }
}

function resultText({ session, plain }: CutResult): string {
  const lost = (road: CutResult[CutRoad]) => road.up.lost + road.down.lost;
  const doubled = (road: CutResult[CutRoad]) => road.up.doubled + road.down.doubled;
  return (
    `the session lost ${lost(session)} and doubled ${doubled(session)}, over ${session.links} links; ` +
    `the plain connection lost ${lost(plain)} and doubled ${doubled(plain)}`
  );
}
