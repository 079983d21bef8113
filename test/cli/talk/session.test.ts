// `holdfast connect --session` as a program beside others: stdin, stdout, stderr and exit codes.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Cutter } from "../../../src/cli/demo/cutter.js";
import { listen, type Session, type SessionServer, serveSessions, text } from "../../../src/index.js";
import { holdfast, type Program } from "../../support/program.js";

/** A server, and the sessions that have come so far. */
async function reception(
  more: { readonly sessionTtlMs?: number } = {},
): Promise<{ server: SessionServer<string>; accepted(): Promise<Session<string>> }> {
  const waiting: ((session: Session<string>) => void)[] = [];
  const arrived: Session<string>[] = [];
  const server = await serveSessions(
    "tcp://127.0.0.1:0",
    async (session) => {
      const next = waiting.shift();
      if (next === undefined) arrived.push(session);
      else next(session);
      await session.closed;
    },
    { encoding: text(), ...more },
  );
  const accepted = async () =>
    arrived.shift() ?? new Promise<Session<string>>((resolve) => waiting.push(resolve));
  return { server, accepted };
}

async function told(run: Program, event: string): Promise<{ [name: string]: unknown }> {
  const [line = "{}"] = await run.sees(
    new RegExp(`^.*"event":"${event}","id":\\d+,"kind":"session".*$`, "m"),
    "stderr",
  );
  return JSON.parse(line);
}

test("each line is a message, both ways; the end of stdin closes the session in order, and stderr is silent", async () => {
  const { server, accepted } = await reception();
  await using run = holdfast(["connect", "--session", server.endpoint]);
  const peer = await accepted();
  run.write("one\ntwo\r\n");
  assert.equal(await peer.receive(), "one");
  assert.equal(await peer.receive(), "two");
  await peer.send("three");
  await run.sees(/^three\n/);
  run.write("and a last one");
  run.end();
  assert.equal(await peer.receive(), "and a last one");
  assert.equal(await peer.receive(), undefined);
  assert.deepEqual(await run.exit, { code: 0, signal: null });
  assert.equal(run.stdout, "three\n");
  assert.equal(run.stderr, "");
  assert.equal((await peer.closed).reason, "closed");
  await server.drain();
});

test("with --idle it waits for answers behind the end of stdin, until nobody says anything", async () => {
  const { server, accepted } = await reception();
  await using run = holdfast(["connect", "--session", server.endpoint, "--idle", "1s"]);
  run.write("question\n");
  run.end();
  const peer = await accepted();
  assert.equal(await peer.receive(), "question");
  await peer.flush();
  await peer.send("answer");
  assert.deepEqual(await run.exit, { code: 0, signal: null });
  assert.equal(run.stdout, "answer\n");
  await server.drain();
});

test("when the peer closes, all that it sent is written, and the command exits with 0", async () => {
  const { server, accepted } = await reception();
  await using run = holdfast(["connect", "--session", server.endpoint, "--eol", "none"]);
  const peer = await accepted();
  for (const word of ["all ", "I ", "had\n"]) await peer.send(word);
  await peer.close();
  assert.deepEqual(await run.exit, { code: 0, signal: null });
  assert.equal(run.stdout, "all I had\n");
  await server.drain();
});

test("links that break are told by -v, and nothing is lost", async () => {
  const { server, accepted } = await reception();
  await using run = holdfast(["connect", "--session", server.endpoint, "-v"]);
  const peer = await accepted();
  await run.sees(new RegExp(`^#\\d+ session ${peer.id} open with tcp://`, "m"), "stderr");
  peer.cutLink();
  run.write("sent while there is no link\n");
  assert.equal(await peer.receive(), "sent while there is no link");
  await run.sees(/^#\d+ session resuming: .+$/m, "stderr");
  await run.sees(/^#\d+ session resumed: nothing was lost$/m, "stderr");
  run.end();
  await run.exit;
  assert.match(run.stderr, /^#\d+ session closed by us: closed; \d+ B sent, \d+ B received$/m);
  await server.drain();
});

test("a session that is lost exits with 1, and says what may not have arrived", async () => {
  for (const json of [false, true]) {
    const { server, accepted } = await reception();
    const mode = json ? ["--json"] : [];
    await using run = holdfast(["connect", "--session", server.endpoint, ...mode]);
    const peer = await accepted();
    await peer.send("ready");
    await run.sees(/ready/);
    peer.abort("enough");
    assert.equal((await run.exit).code, 1);
    if (json) {
      assert.equal((await told(run, "closed")).reason, "enough");
      assert.match(run.stderr, /"event":"unacknowledged","messages":\d+,"bytes":\d+,"unreadMessages":\d/);
      assert.match(run.stderr, /"event":"failed",.*\(enough\)/);
    } else assert.match(run.stderr, /^holdfast: .*the peer aborted the session \(enough\)$/m);
    await server.drain();
  }
});

test("one that finds no link in time is lost with what was sent meanwhile, which is counted", async () => {
  const { server, accepted } = await reception({ sessionTtlMs: 2_000 });
  const relay = await Cutter.open(server.endpoint, { random: Math.random, deadAfterMs: 1_000 });
  await using run = holdfast(["connect", "--session", relay.endpoint, "-v"]);
  const peer = await accepted();
  await peer.send("ready");
  await run.sees(/ready/);
  await relay[Symbol.asyncDispose]();
  await run.sees(/resuming/, "stderr");
  run.write("one\ntwo\n");
  assert.equal((await run.exit).code, 1);
  assert.match(run.stderr, /^holdfast: the last 2 messages sent \(6 B\) may not have arrived$/m);
  assert.match(run.stderr, /^holdfast: .*expired: no link for 2000 ms$/m);
  await server.drain();
});

test("a signal aborts the session, and the peer is told at once", async () => {
  const { server, accepted } = await reception();
  await using run = holdfast(["connect", "--session", server.endpoint]);
  const peer = await accepted();
  await peer.send("ready");
  await run.sees(/ready/);
  run.kill("SIGINT");
  assert.deepEqual(await run.exit, { code: 130, signal: null });
  assert.equal(run.stderr, "");
  assert.match((await peer.closed).reason, /interrupted/);
  await server.drain();
});

test("whoever reads stdout goes: what we have said arrives, and the exit code is 0", async () => {
  const { server, accepted } = await reception();
  await using run = holdfast(["connect", "--session", server.endpoint]);
  const peer = await accepted();
  run.write("my last words\n");
  assert.equal(await peer.receive(), "my last words");
  run.stopReadingStdout();
  while (peer.state.name === "open") {
    await peer.send("anybody there?");
    await peer.flush().catch(() => {});
  }
  assert.deepEqual(await run.exit, { code: 0, signal: null });
  await server.drain();
});

test("messages are what --encoding says, or the session ends", async () => {
  const { server, accepted } = await reception();
  await using run = holdfast(["connect", "--session", server.endpoint, "--encoding", "json"]);
  const peer = await accepted();
  await peer.send('{\n"a": 1.0 }');
  await run.sees(/^\{ "a": 1\.0 \}\n/);
  run.write("no JSON\n");
  assert.equal((await run.exit).code, 1);
  assert.match(run.stderr, /stdin has what cannot be sent/);
  assert.match((await peer.closed).reason, /stdin has what cannot be sent/);
  await server.drain();
});

suite("what does not go with a session is wrong usage:", () => {
  const cases: [args: string[], message: RegExp][] = [
    [[":1", "--framing", "lines"], /--framing does not go with --session; leave it out: a session keeps/],
    [[":1", "--exec", "cat"], /--exec does not go with --session/],
    [["udp://127.0.0.1:1"], /a session needs connections, which udp:\/\/ has not/],
  ];
  for (const [args, message] of cases) {
    test(args.join(" "), async () => {
      await using run = holdfast(["connect", "--session", ...args]);
      assert.equal((await run.exit).code, 2);
      assert.match(run.stderr, message);
    });
  }
});

test("a peer that serves no sessions is told from one that is not there", async () => {
  await using listener = await listen("tcp://127.0.0.1:0");
  await using run = holdfast(["connect", "--session", listener.endpoint]);
  const peer = await listener.accept();
  await peer?.send(new TextEncoder().encode("220 mail.example ready\r\n"));
  assert.equal((await run.exit).code, 1);
  assert.match(run.stderr, /^holdfast: connect tcp:\S+: /);
  peer?.abort();
});
