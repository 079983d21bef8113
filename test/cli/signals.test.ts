import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";

import { holdfast, Program } from "../support/program.js";

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

test("what takes a moment to be undone is waited for, unless a second signal comes", async () => {
  const story = `
    import { Signals } from ${JSON.stringify(new URL("../../../dist/cli/signals.js", import.meta.url))};
    const signals = new Signals();
    const patience = { one: Promise.resolve(), two: new Promise(() => {}) }[process.argv[1]];
    signals.beforeExit(() => patience.then(() => console.log("undone")));
    signals.beforeExit(() => console.log("undoing"))
    setInterval(() => {}, 1_000);
    console.log("ready");
  `;
  for (const count of ["one", "two"]) {
    await using run = new Program(process.execPath, ["--input-type=module", "--eval", story, count]);
    await run.sees(/ready/);
    run.kill("SIGINT");
    await run.sees(/undoing/);
    if (count === "two") run.kill("SIGTERM");
    assert.equal((await run.exit).code, count === "one" ? 130 : 143);
    assert.equal(run.stdout, count === "one" ? "ready\nundoing\nundone\n" : "ready\nundoing\n");
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
