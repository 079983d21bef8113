// Unix sockets under the contracts, and what else may stand at their path.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { parseEndpoint, type UnixEndpoint } from "../../src/core/endpoint.js";
import { DisconnectedError, UsageError } from "../../src/core/errors.js";
import type { LifecycleEvent } from "../../src/core/lifecycle.js";
import { listenerContract } from "../../src/testing/listener-contract.js";
import { openPair, plainOptions } from "../../src/testing/open-pair.js";
import { streamContract } from "../../src/testing/stream-contract.js";
import { unix } from "../../src/transport/unix.js";
import { turns } from "../support/connected.js";
import { ManualClock } from "../support/manual-clock.js";
import { withoutTakeover } from "./takeover.js";

const folder = mkdtempSync(join(tmpdir(), "holdfast-unix-"));
after(() => rmSync(folder, { recursive: true }));

let paths = 0;
function endpoint(): UnixEndpoint {
  paths += 1;
  return { scheme: "unix", path: join(folder, `socket-${paths}`) };
}

const fallback: typeof unix = {
  dial: unix.dial,
  listen: (...args) => withoutTakeover(() => unix.listen(...args)),
};
for (const [name, transport] of [
  ["unix", unix],
  ["unix without takeover", fallback],
] as const) {
  streamContract(test, { name, open: () => openPair(transport, endpoint()), resets: false });
  listenerContract(test, { name, transport, endpoint });
}

/** Leaves a socket file behind, as a process does that is killed. */
function leaveStale(path: string): void {
  const program = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["-e", program]);
  assert.ok(existsSync(path));
}

test("a socket file that a dead process left is replaced", async () => {
  const at = endpoint();
  leaveStale(at.path);
  await assert.rejects(unix.dial(at, plainOptions), { code: "ERR_CONNECTION_REFUSED" });
  const listener = await unix.listen(at, plainOptions, (stream) => stream.abort());
  assert.equal(listener.endpoint, `unix:${at.path}`);
  (await unix.dial(at, plainOptions)).abort();
  await listener.close();
  assert.ok(!existsSync(at.path), "the file goes with its listener");
});

test("of several who find one stale file at once, one listens, and the others are told that somebody does", async () => {
  for (let round = 0; round < 5; round += 1) {
    const at = endpoint();
    leaveStale(at.path);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 4 }, () => unix.listen(at, plainOptions, (stream) => stream.abort())),
    );
    const errors = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    assert.deepEqual(
      errors.map(({ message }) => message),
      Array(3).fill(
        `listen unix:${at.path}: somebody listens on this path; choose another path, or stop who has it`,
      ),
    );
    (await unix.dial(at, plainOptions)).abort();
    for (const outcome of outcomes) if (outcome.status === "fulfilled") await outcome.value.close();
    assert.deepEqual([existsSync(at.path), existsSync(`${at.path}.lock`)], [false, false]);
  }
});

test("the same holds between processes", async () => {
  const at = endpoint();
  leaveStale(at.path);
  const source = (path: string) => JSON.stringify(new URL(`../../src/${path}.js`, import.meta.url).href);
  const program = `
    import { plainOptions } from ${source("testing/open-pair")};
    import { unix } from ${source("transport/unix")};
    process.stdin.once("data", () => {
      const at = { scheme: "unix", path: ${JSON.stringify(at.path)} };
      unix.listen(at, plainOptions, () => {}).then(() => console.log("listens"), ({ code }) => console.log(code));
    }).once("end", () => process.exit());
    console.log("ready");`;
  const processes = Array.from({ length: 3 }, () =>
    spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["pipe", "pipe", "inherit"] }),
  );
  const said = processes.map(({ stdout }) => createInterface(stdout)[Symbol.asyncIterator]());
  const next = () => Promise.all(said.map(async (lines) => (await lines.next()).value));
  await next();
  for (const { stdin } of processes) stdin.write("go");
  const outcomes = await next();
  for (const { stdin } of processes) stdin.end();
  await Promise.all(processes.map((one) => one.exitCode ?? once(one, "exit")));
  assert.deepEqual(outcomes.sort(), ["ERR_ADDRESS_IN_USE", "ERR_ADDRESS_IN_USE", "listens"]);
});

test("a path that somebody takes meanwhile is told as such, and never advised a port", async (t) => {
  const at = endpoint();
  const { createServer } = net;
  t.mock.method(net, "createServer", (...args: Parameters<typeof createServer>) => {
    writeFileSync(at.path, "");
    return createServer(...args);
  });
  await assert.rejects(
    unix.listen(at, plainOptions, () => {}),
    {
      code: "ERR_ADDRESS_IN_USE",
      message: `listen unix:${at.path}: the address is in use (EADDRINUSE); choose another path, or stop who has it`,
    },
  );
});

test("a socket where another program listens stays its own", async () => {
  const at = endpoint();
  const other = net.createServer((socket) => socket.end()).listen(at.path);
  await once(other, "listening");
  await assert.rejects(
    unix.listen(at, plainOptions, () => {}),
    (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.code, "ERR_ADDRESS_IN_USE");
      assert.equal(
        error.message,
        `listen unix:${at.path}: somebody listens on this path; choose another path, or stop who has it`,
      );
      return true;
    },
  );
  (await unix.dial(at, plainOptions)).abort();
  other.close();
});

test("a file that is no socket, or a link to one that is stale, is never removed", async () => {
  const file = endpoint();
  writeFileSync(file.path, "precious");
  const stale = endpoint();
  leaveStale(stale.path);
  const link = endpoint();
  symlinkSync(stale.path, link.path);
  for (const at of [file, link, { scheme: "unix", path: folder } as const]) {
    await assert.rejects(
      unix.listen(at, plainOptions, () => {}),
      {
        code: "ERR_ADDRESS_IN_USE",
        message: `listen unix:${at.path}: there is a file at this path, and it is no socket; choose another path`,
      },
    );
  }
  assert.equal(readFileSync(file.path, "utf8"), "precious");
  assert.ok(existsSync(link.path) && existsSync(stale.path));
});

test("a dial says what is wrong with the path", async () => {
  const file = endpoint();
  writeFileSync(file.path, "");
  for (const [path, code] of [
    [join(folder, "nothing"), "ERR_NO_SUCH_SOCKET"],
    [join(folder, "no", "folder"), "ERR_NO_SUCH_SOCKET"],
    [join(file.path, "below"), "ERR_NO_SUCH_SOCKET"],
    [file.path, "ERR_CONNECTION_REFUSED"],
  ] as const) {
    await assert.rejects(unix.dial({ scheme: "unix", path }, plainOptions), (error) => {
      assert.ok(error instanceof DisconnectedError, String(error));
      assert.deepEqual([error.code, error.op, error.endpoint], [code, "connect", `unix:${path}`]);
      assert.ok(error.advice);
      return true;
    });
  }
});

test("a listener whose folder does not exist says so, rather than blame permissions", async () => {
  const path = join(folder, "no", "socket");
  await assert.rejects(
    unix.listen({ scheme: "unix", path }, plainOptions, () => {}),
    {
      name: "UsageError",
      code: "ERR_ADDRESS_NOT_AVAILABLE",
      message: `listen unix:${path}: there is no folder ${join(folder, "no")}; make it first, or choose another path`,
    },
  );
});

test("a listener below a file is told so too", async () => {
  const file = endpoint();
  writeFileSync(file.path, "");
  const path = join(file.path, "socket");
  await assert.rejects(
    unix.listen({ scheme: "unix", path }, plainOptions, () => {}),
    {
      name: "UsageError",
      message: `listen unix:${path}: there is no folder ${file.path}; make it first, or choose another path`,
    },
  );
});

test("a path is relative to where the process stands, and one too long is told before the system cuts it", async () => {
  const relative = join("..", "..", "..", "..", "..", "..", "..", "..", folder, "relative");
  assert.ok(relative.length < 104);
  const at = parseEndpoint(`unix:${relative}`) as UnixEndpoint;
  const listener = await unix.listen(at, plainOptions, (stream) => stream.abort());
  assert.ok(existsSync(join(folder, "relative")));
  (await unix.dial({ scheme: "unix", path: join(folder, "relative") }, plainOptions)).abort();
  await listener.close();
  assert.throws(() => parseEndpoint(`unix:/tmp/${"x".repeat(100)}`), { code: "ERR_ENDPOINT" });
  // Linux's abstract names begin with a zero byte: they have no file, no owner and no endpoint here.
  assert.throws(() => parseEndpoint("unix:\0name"), { code: "ERR_ENDPOINT" });
});

test("who dials while the queue is full waits for room, as with TCP", async () => {
  const at = endpoint();
  // The kernel's queue holds two, and says EAGAIN to the others of the same turn.
  const full = net.createServer((socket) => socket.resume()).listen({ path: at.path, backlog: 1 });
  await once(full, "listening");
  const clock = new ManualClock();
  const events: LifecycleEvent[] = [];
  const options = { ...plainOptions, clock, observer: (event: LifecycleEvent) => events.push(event) };
  const dialing = Array.from({ length: 8 }, () => unix.dial(at, options));
  const turnedAway = () => events.filter(({ error }) => error !== undefined).length;
  const connected = () => events.filter(({ name }) => name === "bound").length;
  while (turnedAway() + connected() < 8) await turns(1);
  assert.ok(turnedAway() > 0);
  while (connected() < 8) {
    await turns(1);
    clock.advance(10);
  }
  for (const stream of await Promise.all(dialing)) stream.abort();
  assert.equal(clock.pending, 0);
  full.close();
});
