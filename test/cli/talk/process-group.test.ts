import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";

import { endGroup, signalGroup } from "../../../src/cli/talk/process-group.js";

/** A shell in a group of its own, and the first line that it prints. */
async function group(script: string): Promise<{ id: number; line: string }> {
  const { pid = Number.NaN, stdout } = spawn("sh", ["-c", script], {
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(stdout.setEncoding("utf8"), "data");
  return { id: pid, line: String(line).trim() };
}

test("a group ends in order where it may, with all that is in it", async () => {
  const { id } = await group("sleep 1000 & echo; wait");
  assert.ok(signalGroup(id, 0));
  await endGroup(id);
  assert.ok(!signalGroup(id, 0));
});

test("what is left of it is found though its first process has gone", async () => {
  const { id, line } = await group("sleep 1000 >&2 & echo $!");
  assert.ok(process.kill(Number(line), 0));
  await endGroup(id);
  assert.throws(() => process.kill(Number(line), 0), { code: "ESRCH" });
});

test("what ignores SIGTERM is killed", async () => {
  const { id } = await group("trap '' TERM; echo; while :; do sleep 1000; done");
  await endGroup(id);
  while (signalGroup(id, 0)) await new Promise((resolve) => setImmediate(resolve));
});

test("a group that has gone is nobody's, and ending it is no error", async () => {
  const { id } = await group("echo");
  await endGroup(id);
  assert.ok(!signalGroup(id, "SIGTERM"));
});
