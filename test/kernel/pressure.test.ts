// Readers that do not read, and peers that come all at once: memory and handles stay bounded, and nothing is lost.

import assert from "node:assert/strict";
import { createHash, type Hash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { type Connection, connect, lines, listen, serve } from "../../src/index.js";
import { turns } from "../support/connected.js";
import { run } from "./programs.js";

const mebibyte = 1_048_576;
const folder = mkdtempSync(join(tmpdir(), "holdfast-pressure-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/** Sends until a send waits and the kernel takes no more; then `release`s the reader and sends the end. */
async function pressAgainst(connection: Connection, release: () => void): Promise<Hash> {
  const hash = createHash("sha256");
  const chunk = randomBytes(65_536);
  let waiting: Promise<void> | undefined;
  while (waiting === undefined) {
    chunk.writeUInt32BE(connection.stats.messagesSent);
    hash.update(chunk);
    let taken = false;
    const sending = connection.send(chunk).then(() => {
      taken = true;
    });
    // Nothing else happens in this process: once nothing has moved for many turns, nothing will.
    for (let quiet = 0, last = -1; !taken && quiet < 300; quiet += 1) {
      await turns(1);
      if (last !== connection.stats.bytesSent) quiet = 0;
      last = connection.stats.bytesSent;
    }
    if (!taken) waiting = sending;
  }
  const { pendingBytes } = connection.stats;
  assert.ok(pendingBytes > 0 && pendingBytes < mebibyte, `${pendingBytes} bytes are buffered`);
  release();
  await waiting;
  await connection.end();
  return hash;
}

suite("a reader that never reads makes the sender wait, and loses nothing once it reads", () => {
  for (const endpoint of [
    "tcp://127.0.0.1:0",
    "tcp://[::1]:0",
    `unix:${join(folder, "socket")}`,
    "memory:pressure",
  ]) {
    test(endpoint.replace(folder, "…"), async () => {
      await using listener = await listen(endpoint);
      const sender = await connect(listener.endpoint);
      const reader = await listener.accept();
      assert.ok(reader);
      const received = createHash("sha256");
      let reading = Promise.resolve();
      const sent = await pressAgainst(sender, () => {
        assert.ok(reader.stats.unreadBytes < mebibyte, `${reader.stats.unreadBytes} bytes are unread`);
        reading = (async () => {
          for await (const chunk of reader) received.update(chunk);
        })();
      });
      await reading;
      assert.equal(received.digest("hex"), sent.digest("hex"));
      await Promise.all([sender.close(), reader.close()]);
    });
  }
});

test("a peer that is stopped makes the sender wait too, and all is there when it goes on", async (t) => {
  await using listener = await listen("tcp://127.0.0.1:0");
  const peer = run(t, "hash", listener.endpoint);
  const connection = await listener.accept();
  assert.ok(connection);
  peer.kill("SIGSTOP");
  const sent = await pressAgainst(connection, () => peer.kill("SIGCONT"));
  assert.equal((await peer.json<{ sha256: string }>()).sha256, sent.digest("hex"));
  await connection.close();
});

test("1,000 connections at once are all served, and leave nothing behind", async () => {
  await turns(10);
  const before = process.getActiveResourcesInfo().sort();
  for (const endpoint of ["tcp://127.0.0.1:0", `unix:${join(folder, "thousand")}`]) {
    const server = await serve(
      endpoint,
      async (connection) => {
        for await (const line of connection) await connection.send(line.toUpperCase());
      },
      { framing: lines() },
    );
    const clients = await Promise.all(
      Array.from({ length: 1_000 }, () => connect(server.endpoint, { framing: lines(), timeoutMs: 60_000 })),
    );
    await Promise.all(clients.map((client, index) => client.send(`client ${index}`)));
    const answers = await Promise.all(clients.map((client) => client.receive()));
    answers.forEach((answer, index) => {
      assert.equal(answer, `CLIENT ${index}`);
    });
    assert.deepEqual(server.stats, { open: 1_000, accepted: 1_000, refused: 0 });
    await Promise.all(clients.map((client) => client.close()));
    assert.deepEqual(await server.drain(), { cut: 0 });
    assert.equal(server.stats.open, 0);
  }
  // Handles close in the loop's own last phase.
  await turns(10);
  assert.deepEqual(process.getActiveResourcesInfo().sort(), before);
});
