import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";

import { holdfast } from "../support/program.js";

suite("a signal ends a command with the exit code that shells know:", () => {
  const codes: [NodeJS.Signals, number][] = [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ];
  for (const [signal, code] of codes) {
    test(`${signal} ${code}`, async () => {
      await using run = holdfast(["listen", "tcp://127.0.0.1:0"]);
      await run.sees(/listening on/, "stderr");
      run.kill(signal);
      assert.deepEqual(await run.exit, { code, signal: null });
    });
  }
});

test("a signal leaves no socket file behind", async () => {
  const path = join(tmpdir(), `holdfast-signal-${process.pid}.sock`);
  await using run = holdfast(["listen", `unix:${path}`, "--keep"]);
  await run.sees(/listening on/, "stderr");
  assert.ok(existsSync(path));
  run.kill("SIGTERM");
  assert.equal((await run.exit).code, 143);
  assert.ok(!existsSync(path));
});
