// `holdfast listen`: one connection or many, the terminal or processes, streams or datagrams.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";

import { bind, connect, text } from "../../../src/index.js";
import { allOf } from "../../support/connected.js";
import { holdfast, Program } from "../../support/program.js";

const folder = mkdtempSync(join(tmpdir(), "holdfast-listen-"));
after(() => rmSync(folder, { recursive: true }));

async function endpointOf(run: Program): Promise<string> {
  return (await run.sees(/^listening on (\S+)\n/, "stderr"))[1] ?? "";
}

const dial = (endpoint: string) => connect(endpoint, { encoding: text() });

test("port 0 becomes a chosen one, printed as one line on stderr; one connection is served, in both directions", async () => {
  await using run = holdfast(["listen", "tcp://127.0.0.1:0"]);
  const endpoint = await endpointOf(run);
  assert.match(endpoint, /^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/);
  const peer = await dial(endpoint);
  await peer.send("from the peer\n");
  await peer.end();
  run.write("from stdin\n");
  run.end();
  assert.equal(await allOf(peer), "from stdin\n");
  assert.deepEqual(await run.exit, { code: 0, signal: null });
  assert.equal(run.stdout, "from the peer\n");
  assert.equal(run.stderr, `listening on ${endpoint}\n`);
});

test("without --keep a second connection is refused, while the first is served", async () => {
  await using run = holdfast(["listen", "tcp://127.0.0.1:0"]);
  const endpoint = await endpointOf(run);
  await using first = await dial(endpoint);
  await first.send("here\n");
  await run.sees(/here\n/);
  await assert.rejects(dial(endpoint), { code: "ERR_CONNECTION_REFUSED" });
  run.end();
});

test("a Unix socket's file goes with the listener", async () => {
  const path = join(folder, "one.sock");
  await using run = holdfast(["listen", `unix:${path}`]);
  const peer = await dial(await endpointOf(run));
  run.end();
  await peer.close();
  assert.equal((await run.exit).code, 0);
  assert.ok(!existsSync(path));
});

test("an address in use is told with exit code 1", async () => {
  await using first = holdfast(["listen", "tcp://127.0.0.1:0"]);
  await using second = holdfast(["listen", await endpointOf(first)]);
  assert.equal((await second.exit).code, 1);
  assert.match(second.stderr, /the address is in use/);
});

test("with --json the endpoint is in an event, and stderr has nothing else", async () => {
  await using run = holdfast(["listen", "tcp://127.0.0.1:0", "--json"]);
  const [, line = ""] = await run.sees(/^(\{.*"event":"listening".*\})$/m, "stderr");
  await (await dial(JSON.parse(line).local)).close();
  run.end();
  assert.equal((await run.exit).code, 0);
  for (const event of run.stderr.trim().split("\n")) JSON.parse(event);
});

suite("--keep:", () => {
  test("many are served at once: what anyone sends goes to stdout, stdin goes to all", async () => {
    await using run = holdfast(["listen", "tcp://127.0.0.1:0", "-k"]);
    const endpoint = await endpointOf(run);
    const [a, b] = [await dial(endpoint), await dial(endpoint)];
    await a.send("a here\n");
    await run.sees(/a here\n/);
    await b.send("b here\n");
    await run.sees(/b here\n/);
    run.write("to all\n");
    assert.equal(await a.receive(), "to all\n");
    assert.equal(await b.receive(), "to all\n");
    await a.close();
    run.write("to who is left\n");
    assert.equal(await b.receive(), "to who is left\n");
    run.end();
    assert.equal(await b.receive(), undefined);
    const late = await dial(endpoint);
    assert.equal(await late.receive(), undefined);
    await late.send("late, and heard\n");
    await run.sees(/late, and heard\n/);
    await Promise.all([b.close(), late.close()]);
    run.kill("SIGINT");
    assert.equal((await run.exit).code, 130);
    assert.equal(run.stderr, `listening on ${endpoint}\n`);
  });

  test("stdin waits for the first listener", async () => {
    await using run = holdfast(["listen", "tcp://127.0.0.1:0", "-k"]);
    run.write("was there before you\n");
    run.end();
    const peer = await dial(await endpointOf(run));
    assert.equal(await allOf(peer), "was there before you\n");
    await peer.close();
  });

  test("one that is reset is told, and the others are served on", async () => {
    await using run = holdfast(["listen", "tcp://127.0.0.1:0", "-k"]);
    const endpoint = await endpointOf(run);
    const [good, bad] = [await dial(endpoint), await dial(endpoint)];
    await bad.send("half a\n");
    await run.sees(/half a\n/);
    bad.abort();
    await run.sees(/holdfast: .*reset/, "stderr");
    await good.send("whole\n");
    await run.sees(/whole\n/);
    await good.close();
  });

  test("it ends, in order, when nobody reads stdout any more", async () => {
    await using run = holdfast(["listen", "tcp://127.0.0.1:0", "-k"]);
    const peer = await dial(await endpointOf(run));
    run.stopReadingStdout();
    const sending = (async () => {
      for (;;) await peer.send("x".repeat(65_536));
    })();
    await assert.rejects(sending);
    assert.equal((await run.exit).code, 0);
  });
});

suite("--exec:", () => {
  test("one process per connection, at the same time, each told whose it is", async () => {
    const command = 'read -r line; echo "$line: $HOLDFAST_REMOTE to $HOLDFAST_LOCAL"';
    await using run = holdfast(["listen", "tcp://127.0.0.1:0", "-k", "--exec", command]);
    const endpoint = await endpointOf(run);
    const [a, b] = [await dial(endpoint), await dial(endpoint)];
    await b.send("b\n");
    assert.equal(await allOf(b), `b: ${b.local} to ${endpoint}\n`);
    await a.send("a\n");
    assert.equal(await allOf(a), `a: ${a.local} to ${endpoint}\n`);
    await Promise.all([a.close(), b.close()]);
  });

  test("more than --connections-max are refused, and one that leaves makes room", async () => {
    const args = ["-k", "-v", "--connections-max", "1", "--exec", "echo ready; cat"];
    await using run = holdfast(["listen", "tcp://127.0.0.1:0", ...args]);
    const endpoint = (await run.sees(/^listening on (\S+)$/m, "stderr"))[1] ?? "";
    const first = await dial(endpoint);
    assert.equal(await first.receive(), "ready\n");
    // The reset may be quicker than the news that the connection is up.
    const refused = dial(endpoint).then((second) => second.receive());
    await assert.rejects(refused, { code: "ERR_CONNECTION_RESET" });
    await first.end();
    assert.equal(await first.receive(), undefined);
    await run.sees(/closed by .*6 B sent/, "stderr");
    const third = await dial(endpoint);
    assert.equal(await third.receive(), "ready\n");
    third.abort();
  });

  test("a hundred processes are the most, unless more are asked for", async () => {
    await using run = holdfast(["listen", "unix:many.sock", "-k", "--exec", "echo; cat"], { cwd: folder });
    const endpoint = `unix:${join(folder, "many.sock")}`;
    await endpointOf(run);
    const peers = await Promise.all(Array.from({ length: 100 }, () => dial(endpoint)));
    await Promise.all(peers.map(async (peer) => assert.equal(await peer.receive(), "\n")));
    const surplus = await dial(endpoint)
      .then((peer) => peer.receive())
      .catch(() => undefined);
    assert.equal(surplus, undefined);
    for (const peer of peers) peer.abort();
  });

  test("the peer's half-close reaches the process, whose answer still reaches the peer", async () => {
    await using run = holdfast(["listen", "tcp://127.0.0.1:0", "--exec", "sort"]);
    const peer = await dial(await endpointOf(run));
    await peer.send("b\na\n");
    await peer.end();
    assert.equal(await allOf(peer), "a\nb\n");
    assert.equal((await run.exit).code, 0);
    assert.equal(run.stdout, "");
  });

  test("the process's stderr is ours", async () => {
    await using run = holdfast(["listen", "tcp://127.0.0.1:0", "--exec", "echo trouble >&2"]);
    const peer = await dial(await endpointOf(run));
    assert.equal(await allOf(peer), "");
    await peer.close();
    assert.equal((await run.exit).code, 0);
    assert.match(run.stderr, /\ntrouble\n$/);
  });

  // Each names its own process id and its child's, on the connection, and then waits for ever.
  const waiting = "sleep 1000 & echo $$ $!; wait";

  test("a connection that is cut ends the process and what it started", async () => {
    await using run = holdfast(["listen", "tcp://127.0.0.1:0", "--exec", waiting]);
    const peer = await dial(await endpointOf(run));
    const ids = String(await peer.receive())
      .trim()
      .split(" ")
      .map(Number);
    assert.equal(ids.length, 2);
    peer.abort();
    assert.equal((await run.exit).code, 1);
    for (const id of ids) await gone(id);
  });

  test("so does one after the shell itself has ended", async () => {
    const command = "sleep 1000 & echo $! $$";
    await using run = holdfast(["listen", "tcp://127.0.0.1:0", "--exec", command]);
    const peer = await dial(await endpointOf(run));
    const [child = 0, shell = 0] = String(await peer.receive())
      .trim()
      .split(" ")
      .map(Number);
    await gone(shell);
    peer.abort();
    assert.equal((await run.exit).code, 1);
    await gone(child);
  });

  test("an end in good order leaves nothing behind either", async () => {
    const command = "sleep 1000 >&2 & echo $!";
    await using run = holdfast(["listen", "tcp://127.0.0.1:0", "--exec", command]);
    const peer = await dial(await endpointOf(run));
    const id = Number(await allOf(peer));
    await peer.close();
    assert.equal((await run.exit).code, 0);
    await gone(id);
  });

  test("a process that cannot be started is told, and the connection cut", async () => {
    // Node itself, one connection and a few more: not enough for the pipes of a process.
    const full = `
      import { closeSync, openSync } from "node:fs";
      import { connect, listen } from "./dist/index.js";
      import { serveWithProcess } from "./dist/cli/talk/exec.js";
      import { untouched } from "./dist/cli/talk/format.js";
      const listener = await listen("memory:full");
      const dialed = await connect("memory:full");
      const connection = await listener.accept();
      const options = { command: "cat", format: untouched, taps: { sent: [], received: [] }, signals: { beforeExit: () => () => {} } };
      // What Node loads late it loads now.
      process.stdout.write("");
      const held = [];
      try { for (;;) held.push(openSync("/dev/null")); } catch {}
      try { await serveWithProcess(connection, options); }
      catch (error) { console.log(error.name, error.message); }
      console.log((await dialed.closed).by);
      // Whoever measures this process writes a file at its end.
      for (const descriptor of held) closeSync(descriptor);
      process.exit(0);
    `;
    const node = `ulimit -n 128 && exec "${process.execPath}" --input-type=module -e "$0"`;
    await using run = new Program("sh", ["-c", node, full]);
    assert.equal((await run.exit).code, 0, run.stderr);
    assert.match(
      run.stdout,
      /^DisconnectedError exec memory:\S+: no descriptor is left for a process; allow more/,
    );
    assert.match(run.stdout, /\nremote\n$/);
    assert.equal(run.stderr, "");
  });

  test("so does a signal to the command", async () => {
    await using run = holdfast(["listen", "tcp://127.0.0.1:0", "-k", "--exec", waiting]);
    const peer = await dial(await endpointOf(run));
    const ids = String(await peer.receive())
      .trim()
      .split(" ")
      .map(Number);
    run.kill("SIGTERM");
    assert.equal((await run.exit).code, 143);
    for (const id of ids) await gone(id);
  });

  test("a peer that has ended and wants no more ends a process that goes on talking", async () => {
    await using run = holdfast(["listen", "tcp://127.0.0.1:0", "-k", "--exec", "yes"]);
    const peer = await dial(await endpointOf(run));
    await peer.end();
    assert.match(String(await peer.receive()), /^y\n/);
    peer.abort();
    const next = await dial(await endpointOf(run));
    assert.match(String(await next.receive()), /^y\n/);
    next.abort();
  });

  /** Until the system knows no such process. */
  async function gone(id: number): Promise<void> {
    for (;;) {
      try {
        process.kill(id, 0);
      } catch {
        return;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
});

suite("UDP:", () => {
  test("datagrams go to stdout, stdin answers the last sender", async () => {
    await using run = holdfast(["listen", "udp://127.0.0.1:0"]);
    const endpoint = await endpointOf(run);
    assert.match(endpoint, /^udp:\/\/127\.0\.0\.1:\d+$/);
    await using first = await bind("udp://127.0.0.1:0", { encoding: text() });
    await using second = await bind("udp://127.0.0.1:0", { encoding: text() });
    await first.send("one\n", endpoint);
    await run.sees(/one\n/);
    run.write("to the first\n");
    assert.equal((await first.receive())?.data, "to the first\n");
    await second.send("two\n", endpoint);
    await run.sees(/two\n/);
    run.write("to the second\n");
    run.end();
    assert.equal((await second.receive())?.data, "to the second\n");
    await first.send("stdin has ended, and I am heard\n", endpoint);
    await run.sees(/I am heard\n/);
    run.kill("SIGINT");
    assert.equal((await run.exit).code, 130);
  });

  test("with --idle silence ends it, in order", async () => {
    await using run = holdfast(["listen", "udp://127.0.0.1:0", "-i", "50ms"]);
    assert.equal((await run.exit).code, 0);
  });

  test("a datagram that breaks the encoding is told and left out", async () => {
    await using run = holdfast(["listen", "udp://127.0.0.1:0", "--encoding", "json", "--framing", "lines"]);
    const endpoint = await endpointOf(run);
    await using socket = await bind("udp://127.0.0.1:0", { encoding: text() });
    await socket.send("oops", endpoint);
    await run.sees(/not JSON/, "stderr");
    await socket.send('{\n"good": 1}', endpoint);
    await run.sees(/^\{ "good": 1\}\n$/);
  });
});
