// `holdfast demo`: short runs on the real loopback. What comes of them is counted, never how long it took.

import assert from "node:assert/strict";
import { test } from "node:test";

import { holdfast } from "../../support/program.js";

interface Record {
  readonly event: string;
  readonly [field: string]: unknown;
}

test("it says what it does, and ends with a line for each contender", async () => {
  await using run = holdfast(["demo", "--for", "500ms", "--seed", "7"]);
  assert.deepEqual(await run.exit, { code: 0, signal: null });
  const [first, ...lines] = run.stdout.trimEnd().split("\n");
  assert.match(first ?? "", /^seed 7: real links, cut for 500 ms/);
  assert.match(
    run.stdout,
    /Heartbeats are shortened for the demo: a ping after\n100 ms of silence, dead after 300 ms\./,
  );
  const table = lines.slice(lines.indexOf("") + 1);
  assert.match(table[0] ?? "", /^ +cuts +sent +delivered +lost +twice +out of order +longest pause$/);
  assert.match(table[1] ?? "", /^holdfast session +\d+ +(\d+) +\1 +0 +0 +0 +\d+ ms$/);
  assert.match(table[2] ?? "", /^node:net, reconnects +\d/);
  assert.equal(table.length, 3);
  assert.equal(run.stderr, "");
});

test("--json tells each cut and each result", async () => {
  await using run = holdfast(["demo", "--for", "1500ms", "--seed", "7", "--json"]);
  assert.equal((await run.exit).code, 0);
  const records = run.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record);
  const [started, ...rest] = records;
  assert.equal(started?.event, "started");
  assert.equal(started?.seed, 7);
  const cuts = rest.filter(({ event }) => event === "cut");
  const results = rest.filter(({ event }) => event === "result");
  assert.equal(cuts.length + results.length, rest.length);
  assert.deepEqual(
    results.map(({ contender }) => contender),
    ["holdfast session", "node:net, reconnects"],
  );
  for (const { contender, cuts: count, sent, delivered, lost } of results) {
    assert.equal(cuts.filter((cut) => cut.contender === contender).length, count);
    assert.equal(Number(sent), Number(delivered) + Number(lost));
  }
});

test("without --seed one is chosen, and Ctrl-C ends it with how it stood", async () => {
  await using run = holdfast(["demo", "--for", "1h"]);
  await run.sees(/^seed \d+: .*cut for 3600 s/);
  run.kill("SIGINT");
  assert.equal((await run.exit).code, 130);
  assert.match(run.stdout, /\nholdfast session +\d.*\nnode:net, reconnects +\d/);
});
