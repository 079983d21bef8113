// Makes docs/picture.webp, `npm run picture`: a real run of the page, whose link is cut in the middle of a talk and comes
// back with nothing lost. Needs Chromium and ffmpeg.
// Invariant: nothing is drawn but what the page of a real hub showed; what is more than 2 MB is no picture.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { chromium } from "playwright-core";
import { createHub } from "../dist/hub.js";
import { connect, lines, openSession, text } from "../dist/index.js";

const target = "docs/picture.webp";
const bytesMax = 2_000_000;
const view = { width: 1040, height: 680 };
/** How long the cable is out, so that one can watch it. */
const downMs = 2_500;

const [ffmpeg = "", chromiumPath = ""] = ["ffmpeg", "chromium"].map((program) => {
  const { stdout } = spawnSync("sh", ["-c", `command -v ${program}`], { encoding: "utf8" });
  if (stdout !== "") return stdout.trim();
  console.error(`${program} is not installed, which the picture is made with`);
  return process.exit(1);
});

const folder = mkdtempSync(join(tmpdir(), "holdfast-picture-"));
const hub = await createHub({
  plain: "tcp://127.0.0.1:0",
  endpoints: ["tcp://127.0.0.1:0"],
  http: "http://127.0.0.1:0",
});
const cable = await openCable(Number(new URL(hub.http).port));
const root = process.getuid?.() === 0;
const browser = await chromium.launch({ executablePath: chromiumPath, args: root ? ["--no-sandbox"] : [] });
try {
  const frames = await film();
  encode(frames);
} finally {
  await browser.close();
  cable.server.close();
  await hub.close();
  rmSync(folder, { recursive: true });
}

/** The talk, and its frames: each a file, and how long it is shown, in seconds. */
async function film() {
  const bob = await openSession(hub.endpoints[0] ?? "", { encoding: text() });
  await bob.send("/name bob");
  const nc = await connect(hub.plain, { framing: lines() });
  await nc.send("/name carol");
  const page = await browser.newPage({ viewport: view, colorScheme: "light" });
  await page.goto(`http://127.0.0.1:${cable.port}/`);
  await page.locator('.badge[data-link="open"]').waitFor();
  await page.locator("#name").fill("ada");
  await page.locator("#name").press("Enter");
  await page.locator(".names", { hasText: "ada" }).waitFor();
  await page.locator("#say").focus();
  const camera = record(page);

  const say = async (/** @type {string} */ words) => {
    await page.locator("#say").pressSequentially(words, { delay: 25 });
    await page.locator("#say").press("Enter");
  };
  await pause(600);
  await bob.send("hello, both! I am here by session");
  await pause(900);
  await nc.send("and I by plain TCP");
  await pause(700);
  await say("now watch: I cut my link");
  await pause(700);
  await page.getByRole("button", { name: "Cut the link" }).hover();
  await pause(400);
  cable.isDown = true;
  await page.getByRole("button", { name: "Cut the link" }).click();
  const isUpAgain = pause(downMs).then(() => {
    cable.isDown = false;
  });
  await say("said while it is down");
  await bob.send("ada, are you there?");
  await say("so is this");
  await isUpAgain;
  await page.locator('[data-count="arrived"] dd', { hasText: "3" }).waitFor();
  await pause(700);
  await nc.send("all of it came, once and in order");
  await pause(2_500);
  const frames = await camera.stop();
  if ((await page.locator('[data-count="lost"] dd').innerText()) !== "0")
    throw new Error("something was lost");
  await bob.close();
  await nc.close();
  return frames;
}

/** Takes what the page shows, as quickly as it can. */
function record(/** @type {import("playwright-core").Page} */ page) {
  /** @type {{ file: string, at: number }[]} */
  const shots = [];
  let isRunning = true;
  const running = (async () => {
    while (isRunning) {
      const file = join(folder, `${String(shots.length).padStart(4, "0")}.png`);
      const at = performance.now();
      writeFileSync(file, await page.screenshot({ animations: "allow", caret: "initial" }));
      shots.push({ file, at });
    }
  })();
  return {
    async stop() {
      isRunning = false;
      await running;
      return shots.map(({ file, at }, index) => {
        const next = shots[index + 1]?.at ?? at + 1_500;
        return { file, seconds: (next - at) / 1_000 };
      });
    },
  };
}

function encode(/** @type {{ file: string, seconds: number }[]} */ frames) {
  const list = join(folder, "frames.txt");
  const last = frames.at(-1)?.file;
  const entries = frames.map(({ file, seconds }) => `file '${file}'\nduration ${seconds.toFixed(3)}`);
  writeFileSync(list, `${entries.join("\n")}\nfile '${last}'\n`);
  const input = ["-f", "concat", "-safe", "0", "-i", list];
  const output = [
    "-vf",
    "fps=10",
    "-c:v",
    "libwebp_anim",
    "-loop",
    "0",
    "-lossless",
    "1",
    "-compression_level",
    "6",
  ];
  const made = spawnSync(ffmpeg, ["-y", "-loglevel", "error", ...input, ...output, target], {
    stdio: "inherit",
  });
  if (made.status !== 0) throw new Error("ffmpeg could not make it");
  const { size } = statSync(target);
  if (size > bytesMax) throw new Error(`${target} has ${size} bytes, more than ${bytesMax}`);
  console.log(`${target}: ${frames.length} frames, ${size} bytes`);
}

/** The way to the hub, which can be out. */
async function openCable(/** @type {number} */ hubPort) {
  const state = { isDown: false, port: 0, server: net.createServer() };
  state.server.on("connection", (near) => {
    near.on("error", () => {});
    if (state.isDown) return near.resetAndDestroy();
    const far = net.connect(hubPort, "127.0.0.1").on("error", () => near.destroy());
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
    near.pipe(far).pipe(near);
  });
  await new Promise((resolve) => void state.server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = /** @type {net.AddressInfo} */ (state.server.address());
  state.port = address.port;
  return state;
}
