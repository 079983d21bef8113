// `holdfast pipe`: two ends joined, seen from both.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { type Connection, listen, text } from "../../../src/index.js";
import { accepted, allOf } from "../../support/connected.js";
import { holdfast } from "../../support/program.js";

const loopback = () => listen("tcp://127.0.0.1:0", { encoding: text() });

test("a half-close on either side is carried over, and the other direction goes on", async () => {
  await using left = await loopback();
  await using right = await loopback();
  await using run = holdfast(["pipe", left.endpoint, right.endpoint, "-v"]);
  run.end();
  const [a, b] = await Promise.all([accepted(left), accepted(right)]);
  await a.send("from a");
  await a.end();
  assert.equal(await allOf(b), "from a");
  await b.send("from b, later");
  assert.equal(await a.receive(), "from b, later");
  await b.end();
  assert.equal(await a.receive(), undefined);
  assert.deepEqual(await run.exit, { code: 0, signal: null });
  assert.equal(run.stdout, "");
  assert.match(run.stderr, /6 B sent, 13 B received\n/);
});

suite("- is stdin and stdout, on either side:", () => {
  const cases: [name: string, args: (endpoint: string) => string[]][] = [
    ["- first", (endpoint) => ["pipe", "-", endpoint, "--hex"]],
    ["- second", (endpoint) => ["pipe", endpoint, "-", "--hex"]],
  ];
  for (const [name, args] of cases) {
    test(name, async () => {
      await using listener = await loopback();
      await using run = holdfast(args(listener.endpoint));
      run.write("question");
      run.end();
      const peer = await accepted(listener);
      assert.equal(await allOf(peer), "question");
      await peer.send("answer");
      await peer.close();
      assert.equal((await run.exit).code, 0);
      assert.equal(run.stdout, "answer");
      assert.match(run.stderr, /^> 00000000.*\|question\|\n< 00000000.*\|answer\|\n$/);
    });
  }
});

test("a reset on one side is one for the other, and the exit code is 1", async () => {
  await using left = await loopback();
  await using right = await loopback();
  await using run = holdfast(["pipe", left.endpoint, right.endpoint]);
  const [a, b] = await Promise.all([accepted(left), accepted(right)]);
  await a.send("x");
  assert.equal(await b.receive(), "x");
  a.abort();
  await assert.rejects(b.receive(), { code: "ERR_CONNECTION_RESET" });
  assert.equal((await run.exit).code, 1);
  assert.match(run.stderr, /reset/);
});

test("an end that cannot be reached is named, and the other is let go", async () => {
  await using left = await loopback();
  await using run = holdfast(["pipe", left.endpoint, "unix:/nowhere/at/all", "-v"]);
  assert.equal((await run.exit).code, 1);
  assert.match(run.stderr, /connect unix:\/nowhere\/at\/all/);
  assert.match(run.stderr, /#1 closed by us: the other end is gone/);
});

test("a slow reader on one side stops the writer on the other, and loses nothing", async () => {
  await using left = await listen("tcp://127.0.0.1:0");
  await using right = await listen("tcp://127.0.0.1:0");
  await using run = holdfast(["pipe", left.endpoint, right.endpoint]);
  const [a, b] = await Promise.all([left.accept(), right.accept()]);
  assert.ok(a !== undefined && b !== undefined);
  const chunk = new Uint8Array(65_536);
  let taken = 0;
  // Until the buffers of the kernel and of three programs are full: then nothing is taken for as long as nobody reads.
  while (await isTaken(a, chunk)) taken += chunk.length;
  assert.ok(taken < 64 * 1_048_576, `${taken} bytes were taken`);
  void a.end();
  let received = 0;
  for await (const part of b) received += part.length;
  assert.equal(received, taken);
  await b.close();
  assert.equal((await run.exit).code, 0);
});

function isTaken(connection: Connection, chunk: Uint8Array): Promise<boolean> {
  return connection.send(chunk, { signal: AbortSignal.timeout(500) }).then(
    () => true,
    () => false,
  );
}
