// A process that runs out of descriptors: it refuses in time, and at the very edge it still stands.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { type Connection, connect, DisconnectedError, lines } from "../../src/index.js";
import type { Program } from "../support/program.js";
import type { ErrorReport } from "./programs/report.js";
import { runWithDescriptors } from "./programs.js";

const folder = mkdtempSync(join(tmpdir(), "holdfast-descriptors-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

interface Event {
  readonly event: string;
  readonly endpoint: string;
  readonly reason?: string;
  readonly count?: number;
  readonly error?: ErrorReport;
}

suite("with 128 descriptors", () => {
  for (const endpoint of ["tcp://127.0.0.1:0", `unix:${join(folder, "few")}`]) {
    test(`a server refuses what would take its last 64, and serves all others: ${endpoint.split(":")[0]}`, async (t) => {
      const program = runWithDescriptors(t, 128, "listen", endpoint);
      const listening = await eventOf(program, "listening");
      const served: Connection<string>[] = [];
      let refused = 0;
      for (let attempt = 0; attempt < 100; attempt += 1) {
        const connection = await tryServed(listening.endpoint);
        if (connection === undefined) refused += 1;
        else served.push(connection);
      }
      assert.ok(served.length > 16 && served.length <= 64, `${served.length} were served`);
      assert.equal(refused, 100 - served.length);
      const told = await eventOf(program, "refused");
      assert.equal(told.reason, "the process may open 128 descriptors and keeps 64");
      assert.equal(told.count, 1);
      for (const connection of served) {
        await connection.send("again");
        assert.equal(await connection.receive(), "again");
      }
      for (const connection of served.splice(0, 5)) {
        await connection.close();
        await eventOf(program, "closed");
      }
      const next = await tryServed(listening.endpoint);
      assert.ok(next, "one that comes when others have gone is served");
      for (const connection of [...served, next]) connection.abort();
    });
  }

  test("with not one left nothing falls over, a dial says why, and all goes on once there are some", async (t) => {
    const program = runWithDescriptors(t, 128, "exhaust", "tcp://127.0.0.1:0");
    const { endpoint } = await eventOf(program, "listening");
    const before = await tryServed(endpoint);
    assert.ok(before);
    program.write("fill\n");
    await eventOf(program, "full");
    assert.equal(await tryServed(endpoint), undefined);
    for (const target of [endpoint, `unix:${join(folder, "nobody")}`]) {
      program.write(`dial ${target}\n`);
      const { error } = await eventOf(program, "failed");
      assert.deepEqual(error, {
        name: "DisconnectedError",
        code: "ERR_DESCRIPTORS",
        endpoint: target,
        advice: "raise the limit (ulimit -n) or hold fewer connections",
        message:
          `connect ${target}: this process has no descriptor left (EMFILE); ` +
          "raise the limit (ulimit -n) or hold fewer connections",
      });
    }
    await before.send("still here");
    assert.equal(await before.receive(), "still here");
    program.write("free\n");
    await eventOf(program, "free");
    const after = await tryServed(endpoint);
    assert.ok(after);
    for (const connection of [before, after]) connection.abort();
  });
});

/** A connection that has been answered once; undefined if it was refused. */
async function tryServed(endpoint: string): Promise<Connection<string> | undefined> {
  let connection: Connection<string> | undefined;
  try {
    connection = await connect(endpoint, { framing: lines() });
    await connection.send("hello");
    if ((await connection.receive()) === "hello") return connection;
  } catch (error) {
    assert.ok(error instanceof DisconnectedError, String(error));
    assert.equal(error.code, "ERR_CONNECTION_RESET");
  }
  connection?.abort();
  return undefined;
}

async function eventOf(program: Program, name: string): Promise<Event> {
  for (;;) {
    const event = await program.json<Event>();
    if (event.event === name) return event;
  }
}
