// `holdfast lab`: what it prints, where it asks, and how it ends. What the sockets do is held against them in test/hub/lab.

import assert from "node:assert/strict";
import { resolve } from "node:path";
import { suite, test } from "node:test";
import { stripVTControlCharacters } from "node:util";

import type { LabEvent } from "../../../src/hub.js";
import { holdfast, Program } from "../../support/program.js";
import { needs } from "../../support/require.js";

const esc = "\u001b";

async function ran(...args: string[]): Promise<string> {
  await using run = holdfast(["lab", ...args]);
  assert.deepEqual(await run.exit, { code: 0, signal: null }, run.stderr);
  assert.equal(run.stderr, "");
  assert.ok(!run.stdout.includes(esc), "no colours where nobody looks");
  return run.stdout;
}

async function refused(args: readonly string[], says: RegExp): Promise<void> {
  await using run = holdfast(["lab", ...args]);
  assert.deepEqual(await run.exit, { code: 2, signal: null });
  assert.match(run.stderr, says);
  assert.equal(run.stdout, "");
}

test("bytes: the words are the messages, and each chunk is shown with its bytes", async () => {
  const shown = await ran("bytes", "wor👋ld", "bye", "--read", "4");
  assert.match(shown, /client {2}send 1 took 9 bytes: 0 to 9/);
  assert.match(shown, /server {2}receive 1 gave 4 bytes: the beginning of message 1; alone it is no UTF-8/);
  assert.match(shown, /\n +77 6f 72 f0\n +"wor\ufffd"\n/);
  assert.match(shown, /receive 2 gave the text "👋l"/);
});

test("bytes --framing puts the messages together again", async () => {
  for (const framing of ["lines", "length4"]) {
    const shown = await ran("bytes", "one", "two", "--read", "2", "--framing", framing);
    assert.match(shown, /receive 1 gave the text "one"[\s\S]*receive 2 gave the text "two"/);
  }
  assert.match(await ran("bytes", "--pause", "1ms"), /3 sends 1 ms apart/);
});

test("life: the words are steps, and how all three sockets stand is shown when it changes", async () => {
  const shown = await ran("life", "listen", "connect", "accept", "client-ends");
  assert.match(shown, /listen: tcp:\/\/127\.0\.0\.1:\d+ is bound and listens/);
  assert.match(shown, /listener listening.* · client open.* · server waiting/);
  assert.match(shown, /client-ends: half-closed/);
  const standing = shown.split("\n").filter((line) => line.includes(" · "));
  for (const [at, line] of standing.entries()) assert.notEqual(line, standing[at - 1]);
});

test("life without words does what each line of stdin says, until quit", async () => {
  await using run = holdfast(["lab", "life"]);
  run.write("listen\n\n  connect \nfly\n");
  await run.sees(/"fly": there is no such step/);
  assert.match(run.stdout, /connect: tcp:/);
  run.write("quit\n");
  assert.equal((await run.exit).code, 0);
  assert.match(run.stdout, /the experiment is over/);
});

test("life ends with stdin, and a step that is no text of ours moves no cursor", async () => {
  await using run = holdfast(["lab", "life"]);
  run.write(`listen\n${esc}[2J\n`);
  run.end();
  assert.equal((await run.exit).code, 0);
  assert.ok(!run.stdout.includes(esc));
  assert.match(run.stdout, /there is no such step/);
});

test("cut: how it broke, and what was lost", async () => {
  const shown = await ran("cut", "--how", "close", "--messages", "10");
  assert.match(shown, /network session: the link is closed/);
  assert.match(
    shown,
    /the session lost 0 and doubled 0, over 2 links; the plain connection lost \d+ and doubled 0\n$/,
  );
});

test("kinds: what was dropped, and which are missing", async () => {
  const shown = await ran("kinds", "--messages", "20", "--loss", "50", "--seed", "7");
  assert.match(shown, /network the relay dropped datagram \d+/);
  assert.match(shown, /TCP: 20 arrived, 0 missing, 0 out of order; UDP: \d+ arrived/);
  assert.match(shown, /\n +missing: [\d ]+\n +out of order: [\w ]+\n$/);
  assert.match(await ran("kinds", "--messages", "10"), /\(seed \d+\)/);
});

test("--json has each event as the page gets it", async () => {
  const lines = (await ran("bytes", "a", "--json")).trimEnd().split("\n");
  const events = lines.map((line) => JSON.parse(line) as LabEvent<"bytes">);
  assert.deepEqual(
    events.slice(0, 4).map(({ who, event }) => [who, event]),
    [
      ["lab", "began"],
      ["lab", "connected"],
      ["client", "sent"],
      ["server", "chunk"],
    ],
  );
  assert.ok(events.every(({ atMs, text }) => atMs >= 0 && text !== ""));
});

test("what cannot be ordered is refused, with what can be", async () => {
  await refused([], /which experiment\?; name it: bytes, life, cut, kinds/);
  await refused(["sea"], /there is no experiment "sea"; choose bytes, life, cut, kinds/);
  await refused(["cut", "deep"], /cut takes no words, got "deep"; say how many messages with --messages/);
  await refused(["kinds", "--loss", "99"], /lossPercent must be a whole number from 0 to 90, got "99"/);
  await refused(["bytes", "--framing", "nul"], /no framing nul; choose chunks, lines or length4/);
  await refused(["life", "fly"], /"fly" is no step/);
  await refused(["cut", "--how", "saw"], /it is one of reset, close, half-open/);
});

test("Ctrl-C ends it", async () => {
  await using run = holdfast(["lab", "life"]);
  run.write("listen\n");
  await run.sees(/is bound and listens/);
  run.kill("SIGINT");
  assert.equal((await run.exit).code, 130);
  assert.doesNotMatch(run.stderr, /interrupted/);
});

suite("on a terminal", needs({ commands: ["script"] }), () => {
  const onTerminal = (args: string) => {
    const line = `unset NO_COLOR; stty cols 60; ${process.execPath} ${resolve("dist/cli/main.js")} lab ${args}`;
    return new Program("script", ["--quiet", "--return", "--command", line, "/dev/null"]);
  };

  test("without a name it asks, until it hears one of them", async () => {
    await using run = onTerminal("");
    await run.sees(/1 {2}bytes.*\r\n2 {2}life[\s\S]*which one/);
    run.write("7\n");
    await run.sees(/which one[\s\S]*which one/);
    run.write("bytes\n");
    await run.sees(/3 sends in one turn/);
    assert.equal((await run.exit).code, 0);
    assert.ok(run.stdout.includes(`${esc}[36mclient`), "in colour");
    const widths = run.stdout.split("\r\n").map((line) => stripVTControlCharacters(line).length);
    assert.ok(Math.max(...widths.slice(8)) <= 60, "no line is longer than the terminal is wide");
  });

  test("nothing chosen is nothing done", async () => {
    await using run = onTerminal("");
    await run.sees(/which one/);
    run.write("\n");
    assert.equal((await run.exit).code, 0);
  });

  test("life asks for each step, and Ctrl-D ends it", async () => {
    await using run = onTerminal("life");
    await run.sees(/steps: listen, connect[\s\S]*step: /);
    run.write("listen\n");
    await run.sees(/is bound and\s+listens/);
    run.write("\u0004");
    assert.equal((await run.exit).code, 0);
    assert.match(run.stdout, /the experiment is over/);
  });

  test("counts are shown in place while a cut goes on", async () => {
    await using run = onTerminal("cut --messages 10");
    await run.sees(/\r.*session open: sent/);
    assert.equal((await run.exit).code, 0);
  });
});
