// The command over WebSocket: each line is a message, both ways, and there is no half-close.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { bytes, connect, serve, text } from "../../src/index.js";
import { holdfast } from "../support/program.js";

/** Answers each message by its own. */
function echoing() {
  return serve(
    "ws://127.0.0.1:0/live",
    async (connection) => {
      for await (const message of connection) await connection.send(message);
    },
    { encoding: text() },
  );
}

test("each line is a message, and each message a line", async () => {
  await using server = await echoing();
  await using run = holdfast(["connect", server.endpoint]);
  run.write("one\ntwo\n");
  assert.equal(await run.line(), "one");
  assert.equal(await run.line(), "two");
  run.end();
  assert.deepEqual(await run.exit, { code: 0, signal: null });
  assert.equal(run.stderr, "");
});

test("--idle waits for answers behind the end of stdin", async () => {
  await using server = await echoing();
  await using run = holdfast(["connect", server.endpoint, "--idle", "300ms"]);
  run.write("last");
  run.end();
  assert.equal((await run.exit).code, 0);
  assert.equal(run.stdout, "last\n");
});

test("bytes that are no text are taken", async () => {
  await using server = await serve("ws://127.0.0.1:0", (connection) =>
    connection.send(new Uint8Array([0xc3, 0x28])),
  );
  await using run = holdfast(["connect", server.endpoint, "--hex"]);
  await run.sees(/^< 00000000 {2}c3 28 /m, "stderr");
});

test("they are sent where --encoding says so, and refused where it does not", async () => {
  const received: number[][] = [];
  await using server = await serve(
    "ws://127.0.0.1:0",
    async (connection) => {
      for await (const message of connection) received.push([...message]);
    },
    { encoding: bytes() },
  );
  const exec = ["--exec", "printf '\\303(\\n'"];
  await using as = holdfast(["connect", server.endpoint, ...exec, "--encoding", "bytes"]);
  assert.equal((await as.exit).code, 0, as.stderr);
  assert.deepEqual(received, [[0xc3, 0x28]]);
  await using refused = holdfast(["connect", server.endpoint, ...exec]);
  assert.equal((await refused.exit).code, 1);
  assert.match(refused.stderr, /stdin has what cannot be sent/);
});

test("listen takes one: lines both ways, until stdin ends", async () => {
  await using run = holdfast(["listen", "ws://127.0.0.1:0/talk"]);
  const [, endpoint = ""] = await run.sees(/listening on (ws:\S+)/, "stderr");
  const connection = await connect(endpoint, { encoding: text() });
  await connection.send("to the terminal");
  assert.equal(await run.line(), "to the terminal");
  run.write("from it\n");
  assert.equal(await connection.receive(), "from it");
  run.end();
  assert.equal(await connection.receive(), undefined);
  await connection.close();
  assert.equal((await run.exit).code, 0);
});

test("a pipe carries bytes through it, and ping measures it", async () => {
  await using server = await echoing();
  await using pipe = holdfast(["pipe", "-", server.endpoint]);
  pipe.write("through");
  await pipe.sees(/through/);
  pipe.end();
  assert.equal((await pipe.exit).code, 0);
  await using ping = holdfast(["ping", server.endpoint, "-c", "1"]);
  assert.equal((await ping.exit).code, 0, ping.stdout);
});

suite("wrong usage:", () => {
  test("a framing has nothing to do", async () => {
    await using run = holdfast(["connect", "ws://127.0.0.1:1", "--framing", "lines"]);
    assert.equal((await run.exit).code, 2);
    assert.match(run.stderr, /--framing does not go with ws:\/\/ and wss:\/\/; leave it out/);
  });
});
