// `npm run cuts`: a session beside Socket.IO and node:net, each under load while thousands of real links are cut.
// Invariant: every contender has the same schedule, load and heartbeat; a run is bounded in cuts and in time, and fails
// if the session loses, doubles or reorders a single message.

import { parseArgs } from "node:util";

import { netLoop, netResend } from "../dist/cli/demo/contenders/node-net.js";
import { session } from "../dist/cli/demo/contenders/session.js";
import { Contest } from "../dist/cli/demo/contest.js";
import { brokenPromises, scoreboard } from "../dist/cli/demo/scoreboard.js";
import { socketIo, socketIoRecovery, socketIoRetries } from "./contenders/socket-io.js";

const usage = `node bench/cuts.js [--cuts N] [--seed N] [--only TEXT]
  --cuts N     cuts for each contender (default 2000)
  --seed N     of the schedule (default: chosen, and printed)
  --only TEXT  contenders whose name contains TEXT`;

const contenders = [session, netLoop, netResend, socketIo, socketIoRecovery, socketIoRetries];

const { cuts, seed, only } = optionsOf();
/** @type {import("../dist/cli/demo/contest.js").Plan} */
const plan = {
  seed,
  heartbeat: { pingAfterMs: 50, deadAfterMs: 200 },
  cutEveryMs: 50,
  messagesPerSecond: 200,
  cutsMax: cuts,
  // Several times what they take where links come back.
  forMs: cuts * 1_000,
  drainMs: 10_000,
};
const chosen = contenders.filter(({ name }) => name.includes(only));

const standings = [];
for (const contender of chosen) {
  const contest = await Contest.open(contender, plan);
  const progress = setInterval(
    () => show(`${contender.name}: ${contest.standing.cuts} of ${cuts} cuts`),
    500,
  );
  await contest.run();
  clearInterval(progress);
  standings.push(contest.standing);
  await contest.close();
}
show("");

const { pingAfterMs, deadAfterMs } = plan.heartbeat;
console.log(`seed ${seed}; Node ${process.version}
a cut each ${plan.cutEveryMs} ms on average: reset, close in mid-message, half-open, zombie, as often each
${plan.messagesPerSecond} messages a second each way; pings after ${pingAfterMs} ms, dead after ${deadAfterMs} ms; \
${plan.drainMs / 1_000} s at the end for what is under way
`);
console.log(scoreboard(standings, true).join("\n"));
console.log(`\n${chosen.map(({ name, settings }) => `${name}: ${settings}`).join("\n")}`);
const broken = brokenPromises(standings);
for (const line of broken) console.error(line);
// A contender may leave timers of its own behind.
process.exit(broken.length === 0 ? 0 : 1);

/** @param {string} line */
function show(line) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
}

function optionsOf() {
  try {
    const { values } = parseArgs({
      options: {
        cuts: { type: "string", default: "2000" },
        seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
        only: { type: "string", default: "" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit();
    }
    for (const name of /** @type {const} */ (["cuts", "seed"])) {
      if (!/^\d+$/.test(values[name])) throw new Error(`--${name} is a whole number, got ${values[name]}`);
    }
    return { cuts: Number(values.cuts), seed: Number(values.seed), only: values.only };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    process.exit(2);
  }
}
