// WebSocket as others speak it: curl's HTTP, and Python's websockets in both roles.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { suite, test } from "node:test";
import { connect, listen, serve, text } from "../../src/index.js";
import { start } from "../support/program.js";
import { needs } from "../support/require.js";

suite("curl", needs({ commands: ["curl"] }), () => {
  test("a plain request is told what is here", async (t) => {
    await using server = await serve("ws://127.0.0.1:0/chat", () => {});
    const curl = start(t, ["curl", "-si", server.endpoint.replace("ws:", "http:")]);
    await curl.exit;
    assert.match(curl.stdout, /^HTTP\/1\.1 426 Upgrade Required\r\n.*Here is a WebSocket and nothing else/s);
    assert.equal(server.stats.refused, 1);
  });

  test("an upgrade by hand is answered, and what is sent comes through", async (t) => {
    await using server = await serve("ws://127.0.0.1:0/chat", (connection) => connection.send("grüße"), {
      encoding: text(),
    });
    const headers = [
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ];
    const url = server.endpoint.replace("ws:", "http:");
    const curl = start(t, ["curl", "-siN", "--http1.1", ...headers.flatMap((one) => ["-H", one]), url]);
    await curl.sees(/grüße/);
    assert.match(
      curl.stdout,
      /^HTTP\/1\.1 101 .*\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/s,
    );
  });
});

/** Debian's module belongs to Debian's Python, which need not be the first in the path. */
const python = ["python3", "/usr/bin/python3"].find(
  (program) => spawnSync(program, ["-c", "import websockets"]).status === 0,
);
const pythonNeeds = python === undefined ? needs({ commands: ["python3 with websockets"] }) : { skip: false };

suite("Python's websockets", pythonNeeds, () => {
  const run = (program: string) => [python ?? "", "-u", "-c", program];

  test("its client talks to our server, text and binary, large and in parts, and pings", async (t) => {
    await using server = await serve(
      "ws://127.0.0.1:0/echo",
      async (connection) => {
        for await (const message of connection) await connection.send(message);
      },
      { encoding: text(), webSocket: { subprotocols: ["echo"] } },
    );
    const program = start(
      t,
      run(`
import asyncio, websockets
async def main():
    async with websockets.connect("${server.endpoint}", subprotocols=["other", "echo"]) as ws:
        print(ws.subprotocol)
        for message in ["hello", "grüße 😀", "", "x" * 500_000, ["in ", "three ", "parts"]]:
            await ws.send(message)
            print(len(await ws.recv()))
        await (await ws.ping())
        print("pong")
    print(ws.close_code)
asyncio.run(main())
`),
    );
    assert.deepEqual(await program.exit, { code: 0, signal: null }, program.stderr);
    assert.deepEqual(program.stdout.split("\n"), ["echo", "5", "7", "0", "500000", "14", "pong", "1000", ""]);
  });

  test("what our server closes with, its client sees", async (t) => {
    await using listener = await listen("ws://127.0.0.1:0/", { frameBytesMax: 100 });
    const program = start(
      t,
      run(`
import asyncio, websockets
async def main():
    async with websockets.connect("${listener.endpoint}") as ws:
        await ws.send(b"x" * 101)
        try:
            await ws.recv()
        except websockets.ConnectionClosed as closed:
            print(closed.code)
    try:
        async with websockets.connect("${listener.endpoint}", origin="http://evil.example"):
            pass
    except websockets.InvalidStatusCode as refused:
        print(refused.status_code)
asyncio.run(main())
`),
    );
    const connection = await listener.accept();
    await assert.rejects(connection?.receive() ?? Promise.resolve(), { name: "LimitError" });
    assert.deepEqual(await program.exit, { code: 0, signal: null }, program.stderr);
    assert.equal(program.stdout, "1009\n403\n");
  });

  test("our client talks to its server, and its close is an end", async (t) => {
    const program = start(
      t,
      run(`
import asyncio, websockets
async def echo(ws):
    async for message in ws:
        if message == "enough":
            await ws.close(4001, "as you like")
            return
        await ws.send(message.upper())
async def main():
    async with websockets.serve(echo, "127.0.0.1", 0) as server:
        print(server.sockets[0].getsockname()[1])
        await asyncio.Future()
asyncio.run(main())
`),
    );
    const port = Number(await program.line());
    const connection = await connect(`ws://127.0.0.1:${port}/`, { encoding: text() });
    for (const message of ["hello", "x".repeat(200_000)]) {
      await connection.send(message);
      assert.equal(await connection.receive(), message.toUpperCase());
    }
    await connection.send("enough");
    assert.equal(await connection.receive(), undefined);
    assert.deepEqual(await connection.closed, { by: "remote", reason: "closed with 4001 (as you like)" });
  });
});
