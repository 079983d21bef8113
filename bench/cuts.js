// `npm run cuts`: a session beside Socket.IO and node:net, each under load while thousands of real links are cut.
// Invariant: every contender has the same schedule, load and heartbeat; a run is bounded in cuts and in time, and fails
// if the session loses, doubles or reorders a single message.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { netLoop, netResend } from "../dist/cli/demo/contenders/node-net.js";
import { sessionOver } from "../dist/cli/demo/contenders/session.js";
import { Contest } from "../dist/cli/demo/contest.js";
import { brokenPromises, scoreboard } from "../dist/cli/demo/scoreboard.js";
import { socketIo, socketIoRecovery, socketIoRetries } from "./contenders/socket-io.js";

const command = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const schemes = /** @type {const} */ (["tcp", "tls", "ws", "wss"]);
const usage = `node bench/cuts.js [--cuts N] [--seed N] [--only TEXT]
  --cuts N     cuts for each contender (default 2000)
  --seed N     of the schedule (default: chosen, and printed)
  --only TEXT  contenders whose name contains TEXT
  --over NAME  what carries the session: tcp (default), tls, ws, wss`;

const { cuts, seed, only, over } = optionsOf();
const session = sessionOver({ scheme: over, ...(over === "tls" || over === "wss" ? developmentTls() : {}) });
const contenders = [session, netLoop, netResend, socketIo, socketIoRecovery, socketIoRetries];
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

/** An authority for this run alone, as `holdfast cert` makes it. */
function developmentTls() {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-cuts-"));
  try {
    execFileSync(process.execPath, [command, "cert", "127.0.0.1", "--folder", folder], { stdio: "ignore" });
    const pem = (/** @type {string} */ name) => readFileSync(join(folder, name), "utf8");
    return {
      server: { cert: pem("127.0.0.1.pem"), key: pem("127.0.0.1.key") },
      client: { ca: pem("ca.pem") },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function optionsOf() {
  try {
    const { values } = parseArgs({
      options: {
        cuts: { type: "string", default: "2000" },
        seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
        only: { type: "string", default: "" },
        over: { type: "string", default: "tcp" },
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
    const over = schemes.find((scheme) => scheme === values.over);
    if (over === undefined) throw new Error(`--over is one of ${schemes.join(", ")}, got ${values.over}`);
    return { cuts: Number(values.cuts), seed: Number(values.seed), only: values.only, over };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    process.exit(2);
  }
}
