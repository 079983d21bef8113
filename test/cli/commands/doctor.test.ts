// `holdfast doctor`: the checks together, what stops them, and the exit code.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { listen, parseEndpoint, serveSessions } from "../../../src/index.js";
import { holdfast } from "../../support/program.js";

test("a way that holds: a line for each check, and nothing fails", async () => {
  await using server = await serveSessions(
    "tcp://127.0.0.1:0",
    async (session) => void (await session.closed),
  );
  const { port } = parseEndpoint(server.endpoint) as { port: number };
  await using run = holdfast(["doctor", "localhost", String(port), "--session", "-4"]);
  assert.deepEqual(await run.exit, { code: 0, signal: null });
  const lines = run.stdout.trimEnd().split("\n");
  assert.match(lines[0] ?? "", /^ok {7}name {5}localhost is 127\.0\.0\.1 /);
  assert.match(lines[1] ?? "", /^ok {7}network {2}tcp:\/\/127\.0\.0\.1:\d+ answers in /);
  assert.match(lines[2] ?? "", /^ok {7}session {2}a session opens in /);
  assert.match(lines.at(-1) ?? "", /^nothing fails/);
  assert.equal(run.stderr, "");
});

test("behind a layer that fails nothing above it is tried, and the last line names it", async () => {
  const gone = await listen("tcp://127.0.0.1:0");
  await gone.close();
  await using run = holdfast(["doctor", gone.endpoint, "--session", "--wait", "1ms"]);
  assert.equal((await run.exit).code, 1);
  assert.match(
    run.stdout,
    /^failed {3}network {2}.*connection refused.*check that something listens there$/m,
  );
  assert.doesNotMatch(run.stdout, /a session|idle/);
  assert.equal(run.stdout.trimEnd().split("\n").at(-1), "the first layer that fails: network");
});

test("--json has an object for each, and a verdict", async () => {
  await using listener = await listen("tcp://127.0.0.1:0");
  await using run = holdfast(["doctor", listener.endpoint, "--json"]);
  assert.equal((await run.exit).code, 0);
  const records = run.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { [key: string]: unknown });
  const { event, status, layer } = records[0] ?? {};
  assert.deepEqual({ event, status, layer }, { event: "finding", status: "ok", layer: "network" });
  assert.deepEqual(records.at(-1), { event: "verdict", failing: null, warnings: 0 });
});

suite("wrong usage:", () => {
  for (const [args, reason] of [
    [["udp://127.0.0.1:1"], /try holdfast ping/],
    [["nowhere"], /the port is missing/],
    [["memory:a"], /inside one program/],
  ] as const) {
    test(args.join(" "), async () => {
      await using run = holdfast(["doctor", ...args]);
      assert.equal((await run.exit).code, 2);
      assert.match(run.stderr, reason);
      assert.equal(run.stdout, "");
    });
  }
});
