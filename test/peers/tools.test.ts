// What people reach for at a terminal, as peers in both roles: curl, ncat and socat.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { bind, connect, lines, type ServeOptions, serve } from "../../src/index.js";
import { type Cleanup, type Program, start } from "../support/program.js";
import { needs } from "../support/require.js";

const options: ServeOptions<string> = { framing: lines() };

/** Answers each line in capitals; `quit` ends it. */
function shouting(endpoint: string) {
  return serve(
    endpoint,
    async (connection) => {
      for await (const line of connection) {
        if (line === "quit") return;
        await connection.send(line.toUpperCase());
      }
    },
    options,
  );
}

/** Two lines there and back, then both sides end. */
async function assertEchoes(tool: Program): Promise<void> {
  for (const word of ["hello", "grüße"]) {
    tool.write(`${word}\n`);
    assert.equal(await tool.line(), word.toUpperCase());
  }
  tool.write("quit\n");
  // ncat waits for its own input to end as well.
  tool.end();
  await tool.exit;
  assert.equal(tool.stdout, "HELLO\nGRÜSSE\n");
}

/** We dial the tool: a line each way, then its end is ours. */
async function assertTalks(tool: Program, endpoint: string): Promise<void> {
  const connection = await connect(endpoint, options);
  await connection.send("from us");
  assert.equal(await tool.line(), "from us");
  tool.write("from the tool\n");
  assert.equal(await connection.receive(), "from the tool");
  tool.end();
  assert.equal(await connection.receive(), undefined);
  await connection.close();
  await tool.exit;
}

suite("curl", needs({ commands: ["curl"] }), () => {
  test("telnet:// talks in lines", async (t) => {
    await using server = await shouting("tcp://127.0.0.1:0");
    const curl = start(t, ["curl", "-sN", server.endpoint.replace("tcp:", "telnet:")]);
    await assertEchoes(curl);
  });
});

suite("ncat", needs({ commands: ["ncat"] }), () => {
  for (const scheme of ["tcp", "unix"] as const) {
    test(`as a client over ${scheme}`, async (t) => {
      const path = join(folderOf(t), "socket");
      await using server = await shouting(scheme === "tcp" ? "tcp://127.0.0.1:0" : `unix:${path}`);
      const to = scheme === "tcp" ? ["127.0.0.1", portOf(server.endpoint)] : ["-U", path];
      await assertEchoes(start(t, ["ncat", ...to]));
    });
  }

  test("as a client that ends first: what it sent before its end is answered", async (t) => {
    await using server = await shouting("tcp://127.0.0.1:0");
    const ncat = start(t, ["ncat", "127.0.0.1", portOf(server.endpoint)]);
    ncat.write("last words\nwithout a newline");
    ncat.end();
    assert.deepEqual(await ncat.exit, { code: 0, signal: null });
    assert.equal(ncat.stdout, "LAST WORDS\nWITHOUT A NEWLINE\n");
  });

  test("as a server over TCP", async (t) => {
    const ncat = start(t, ["ncat", "-lv", "127.0.0.1", "0"]);
    await ncat.sees(/Listening on 127/, "stderr");
    await assertTalks(ncat, `tcp://127.0.0.1:${listeningPort(ncat)}`);
  });

  test("as a server over a Unix socket", async (t) => {
    const path = join(folderOf(t), "socket");
    const ncat = start(t, ["ncat", "-lvU", path]);
    await ncat.sees(/Listening on/, "stderr");
    await assertTalks(ncat, `unix:${path}`);
  });

  test("with datagrams", async (t) => {
    const socket = await bind("udp://127.0.0.1:0");
    const ncat = start(t, ["ncat", "-u", "127.0.0.1", portOf(socket.local)]);
    ncat.write("ping\n");
    const question = await socket.receive();
    assert.equal(new TextDecoder().decode(question?.data), "ping\n");
    await socket.send(new TextEncoder().encode("pong\n"), question?.from);
    assert.equal(await ncat.line(), "pong");
    await socket.close();
  });
});

suite("socat", needs({ commands: ["socat"] }), () => {
  for (const scheme of ["tcp", "unix"] as const) {
    test(`as a client over ${scheme}`, async (t) => {
      const path = join(folderOf(t), "socket");
      await using server = await shouting(scheme === "tcp" ? "tcp://[::1]:0" : `unix:${path}`);
      const to = scheme === "tcp" ? `TCP6:[::1]:${portOf(server.endpoint)}` : `UNIX-CONNECT:${path}`;
      await assertEchoes(start(t, ["socat", "STDIO", to]));
    });
  }

  test("as a server over TCP", async (t) => {
    const socat = start(t, ["socat", "-d", "-d", "TCP-LISTEN:0,bind=127.0.0.1", "STDIO"]);
    const [, port] = await socat.sees(/listening on AF=2 127\.0\.0\.1:(\d+)/, "stderr");
    await assertTalks(socat, `tcp://127.0.0.1:${port}`);
  });

  test("as a server over a Unix socket", async (t) => {
    const path = join(folderOf(t), "socket");
    const socat = start(t, ["socat", "-d", "-d", `UNIX-LISTEN:${path}`, "STDIO"]);
    await socat.sees(/listening on/, "stderr");
    await assertTalks(socat, `unix:${path}`);
  });
});

function folderOf(t: Cleanup): string {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-tools-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function portOf(endpoint: string): string {
  return endpoint.split(":").at(-1) ?? "";
}

/** The TCP port that a program listens on, for those that do not say which one they were given (proc(5)). */
function listeningPort({ pid }: Program): number {
  const inodes = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? [];
    return inode;
  });
  const listening = "0A";
  for (const row of readFileSync(`/proc/${pid}/net/tcp`, "utf8").split("\n")) {
    const [, local = "", , state, , , , , , inode] = row.trim().split(/\s+/);
    if (state === listening && inodes.includes(inode)) return Number.parseInt(local.split(":")[1] ?? "", 16);
  }
  throw new Error(`process ${pid} listens on no TCP port`);
}
