// `holdfast ping`: tries, losses and the summary.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { bind, listen, serve } from "../../../src/index.js";
import { holdfast } from "../../support/program.js";

const quick = ["--interval", "1ms"];
const summary = /^3 tries, 0 lost \(0 %\); min [\d.]+ ms, median [\d.]+ ms, p99 [\d.]+ ms$/;

test("each try is a line, and the summary the last one", async () => {
  await using listener = await listen("tcp://127.0.0.1:0");
  await using run = holdfast(["ping", listener.endpoint, "-c", "3", ...quick]);
  assert.deepEqual(await run.exit, { code: 0, signal: null });
  const lines = run.stdout.trimEnd().split("\n");
  assert.equal(lines.length, 4);
  for (const [index, line] of lines.slice(0, 3).entries()) {
    assert.match(line, new RegExp(`^${index + 1}: tcp://127\\.0\\.0\\.1:\\d+ [\\d.]+ ms$`));
  }
  assert.match(lines[3] ?? "", summary);
  assert.equal(run.stderr, "");
});

test("--echo measures round trips over one connection", async () => {
  let connections = 0;
  await using server = await serve("tcp://127.0.0.1:0", async (connection) => {
    connections += 1;
    for await (const chunk of connection) await connection.send(chunk);
  });
  await using run = holdfast(["ping", server.endpoint, "--echo", "--count", "3", ...quick]);
  assert.equal((await run.exit).code, 0);
  assert.match(run.stdout.trimEnd().split("\n").at(-1) ?? "", summary);
  assert.equal(connections, 1);
});

suite("a peer that is no echo service is a loss:", () => {
  test("one that says something else", async () => {
    await using server = await serve("tcp://127.0.0.1:0", (connection) =>
      connection.send(new Uint8Array(100)),
    );
    await using run = holdfast(["ping", server.endpoint, "--echo", "-c", "2", ...quick]);
    assert.equal((await run.exit).code, 1);
    assert.match(run.stdout, /^1: .*no echo service\n2: .*no echo service\n2 tries, 2 lost \(100 %\)\n$/);
  });

  test("one that ends", async () => {
    await using server = await serve("tcp://127.0.0.1:0", () => {});
    await using run = holdfast(["ping", server.endpoint, "--echo", "-c", "1"]);
    assert.equal((await run.exit).code, 1);
    assert.match(run.stdout, /^1: the peer (?:ended instead of echoing|reset the connection)/);
  });

  test("one that says nothing for as long as --timeout allows", async () => {
    await using server = await serve("tcp://127.0.0.1:0", async (connection) => {
      await connection.closed;
    });
    await using run = holdfast(["ping", server.endpoint, "--echo", "-c", "1", "-w", "500ms"]);
    assert.equal((await run.exit).code, 1);
    assert.match(run.stdout, /^1: no (whole message|answer) within \d+/);
  });
});

test("when none is answered, the exit code is 1", async () => {
  const gone = await listen("tcp://127.0.0.1:0");
  await gone.close();
  await using run = holdfast(["ping", gone.endpoint, "-c", "2", ...quick]);
  assert.equal((await run.exit).code, 1);
  assert.match(run.stdout, /^1: connection refused.*\n2: connection refused.*\n2 tries, 2 lost \(100 %\)\n$/);
  assert.match(run.stderr, /^holdfast: ping \S+: no try was answered/);
});

test("when some are answered, it is 0", async () => {
  let connections = 0;
  await using server = await serve("tcp://127.0.0.1:0", async (connection) => {
    connections += 1;
    if (connections === 1) return;
    for await (const chunk of connection) await connection.send(chunk);
  });
  await using run = holdfast(["ping", server.endpoint, "--echo", "-c", "3", ...quick]);
  assert.equal((await run.exit).code, 0);
  assert.match(run.stdout, /\n3 tries, 1 lost \(33 %\); min /);
});

suite("UDP:", () => {
  test("any answer counts", async () => {
    await using socket = await bind("udp://127.0.0.1:0");
    await using run = holdfast(["ping", socket.endpoint, "-c", "3", ...quick]);
    for (let count = 0; count < 3; count += 1) {
      const asked = await socket.receive();
      await socket.send(new Uint8Array(1), asked?.from);
    }
    assert.equal((await run.exit).code, 0);
    assert.match(run.stdout.trimEnd().split("\n").at(-1) ?? "", summary);
  });

  test("a port where nobody listens is a loss", async () => {
    const gone = await bind("udp://127.0.0.1:0");
    await gone.close();
    await using run = holdfast(["ping", gone.endpoint, "-c", "1", "-w", "2s"]);
    assert.equal((await run.exit).code, 1);
    assert.match(run.stdout, /^1: connection refused/);
  });
});

test("Ctrl-C ends it with what was measured so far", async () => {
  await using listener = await listen("tcp://127.0.0.1:0");
  await using run = holdfast(["ping", listener.endpoint, "--interval", "1h"]);
  await run.sees(/^1: /);
  run.kill("SIGINT");
  assert.equal((await run.exit).code, 130);
  assert.match(run.stdout, /\n1 try, 0 lost \(0 %\); min /);
});

test("an option of TLS that encrypts nothing is warned of, with --json as an event", async () => {
  await using listener = await listen("tcp://127.0.0.1:0");
  await using run = holdfast(["ping", listener.endpoint, "-c", "1", "--ca", "ca.pem"]);
  assert.equal((await run.exit).code, 0);
  assert.match(
    run.stderr,
    /^holdfast: warning: --ca is for tls:\/\/ and wss:\/\/, and tcp:\S+ is in the clear\n$/,
  );
  await using told = holdfast(["ping", listener.endpoint, "-c", "1", "--ca", "ca.pem", "--json"]);
  assert.equal((await told.exit).code, 0);
  assert.match(told.stderr, /^\{"time":"[^"]+","event":"warning","message":"--ca is for /);
});

test("-v tells the life of each try on stderr", async () => {
  await using listener = await listen("tcp://127.0.0.1:0");
  await using run = holdfast(["ping", listener.endpoint, "-c", "1", "-v"]);
  assert.equal((await run.exit).code, 0);
  assert.match(run.stderr, /^#\d+ trying /);
});
