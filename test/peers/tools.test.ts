// What people reach for at a terminal, as peers in both roles: curl, ncat and socat.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { bind, connect, lines, type ServeOptions, serve } from "../../src/index.js";
import { type Cleanup, Program } from "../support/dialogue.js";
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

/** Two lines there and back, then we end, and the tool with us. */
async function assertEchoes(tool: Program): Promise<void> {
  for (const word of ["hello", "grüße"]) {
    tool.write(`${word}\n`);
    assert.equal(await tool.line(), word.toUpperCase());
  }
  tool.write("quit\n");
  assert.equal(await tool.rest(), "");
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
  await tool.exited;
}

suite("curl", needs({ commands: ["curl"] }), () => {
  test("telnet:// talks in lines, and ends when we do", async (t) => {
    await using server = await shouting("tcp://127.0.0.1:0");
    const curl = new Program(t, "curl", ["-sN", server.endpoint.replace("tcp:", "telnet:")]);
    await assertEchoes(curl);
    assert.equal((await curl.exited).signal, null);
  });
});

suite("ncat", needs({ commands: ["ncat"] }), () => {
  for (const scheme of ["tcp", "unix"] as const) {
    test(`as a client over ${scheme}`, async (t) => {
      const path = join(folderOf(t), "socket");
      await using server = await shouting(scheme === "tcp" ? "tcp://127.0.0.1:0" : `unix:${path}`);
      const to = scheme === "tcp" ? ["127.0.0.1", portOf(server.endpoint)] : ["-U", path];
      await assertEchoes(new Program(t, "ncat", to));
    });
  }

  test("as a client that ends first: what it sent before its end is answered", async (t) => {
    await using server = await shouting("tcp://127.0.0.1:0");
    const ncat = new Program(t, "ncat", ["127.0.0.1", portOf(server.endpoint)]);
    ncat.write("last words\nwithout a newline");
    ncat.end();
    assert.equal(await ncat.rest(), "LAST WORDS\nWITHOUT A NEWLINE\n");
    assert.deepEqual(await ncat.exited, { code: 0, signal: null });
  });

  test("as a server over TCP", async (t) => {
    const ncat = new Program(t, "ncat", ["-lv", "127.0.0.1", "0"]);
    await said(ncat, /Listening on 127/);
    await assertTalks(ncat, `tcp://127.0.0.1:${listeningPort(ncat)}`);
  });

  test("as a server over a Unix socket", async (t) => {
    const path = join(folderOf(t), "socket");
    const ncat = new Program(t, "ncat", ["-lvU", path]);
    await said(ncat, /Listening on/);
    await assertTalks(ncat, `unix:${path}`);
  });

  test("with datagrams", async (t) => {
    const socket = await bind("udp://127.0.0.1:0");
    const ncat = new Program(t, "ncat", ["-u", "127.0.0.1", portOf(socket.local)]);
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
      await assertEchoes(new Program(t, "socat", ["STDIO", to]));
    });
  }

  test("as a server over TCP", async (t) => {
    const socat = new Program(t, "socat", ["-d", "-d", "TCP-LISTEN:0,bind=127.0.0.1", "STDIO"]);
    const [, port] = await said(socat, /listening on AF=2 127\.0\.0\.1:(\d+)/);
    await assertTalks(socat, `tcp://127.0.0.1:${port}`);
  });

  test("as a server over a Unix socket", async (t) => {
    const path = join(folderOf(t), "socket");
    const socat = new Program(t, "socat", ["-d", "-d", `UNIX-LISTEN:${path}`, "STDIO"]);
    await said(socat, /listening on/);
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

/** Waits until the program's stderr matches. */
async function said(program: Program, pattern: RegExp): Promise<RegExpExecArray> {
  for (;;) {
    const found = pattern.exec(program.stderr);
    if (found !== null) return found;
    if (program.child.exitCode !== null) throw new Error(`it never said ${pattern}: ${program.stderr}`);
    await new Promise((resolve) => program.child.stderr?.once("data", resolve));
  }
}

/** The TCP port that a program listens on, for those that do not say which one they were given (proc(5)). */
function listeningPort({ child: { pid } }: Program): number {
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
