// The hub's log, written to a file instead of stderr.

import assert from "node:assert/strict";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type HubLog, openLog } from "../../../../src/cli/commands/hub/log.js";

async function logged(
  options: { readonly level?: string; readonly pretty?: boolean },
  body: (log: HubLog) => void,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-log-"));
  const path = join(folder, "log");
  const fd = openSync(path, "w");
  try {
    const log = await openLog({ level: "info", pretty: false, fd, ...options });
    body(log);
    await log.close();
    return readFileSync(path, "utf8");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const entries = (text: string) =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as { [key: string]: unknown });

test("what happens in the room is told with its connection's id, one JSON object a line", async () => {
  const text = await logged({}, (log) => {
    log.hubEvent({ name: "joined", id: 7, remote: "tcp://127.0.0.1:9", member: "guest-1" });
    log.hubEvent({ name: "slow", id: 7, remote: "tcp://127.0.0.1:9", member: "guest-1" });
    log.hubEvent({ name: "joined", id: "5e5510", remote: "tcp://127.0.0.1:9", member: "guest-2" });
  });
  const [joined, slow, bySession] = entries(text);
  assert.equal(bySession?.session, "5e5510");
  assert.deepEqual(
    { ...joined, time: undefined },
    {
      level: 30,
      time: undefined,
      connection: 7,
      remote: "tcp://127.0.0.1:9",
      member: "guest-1",
      msg: "joined",
    },
  );
  assert.match(String(joined?.time), /^\d{4}-\d\d-\d\dT/);
  assert.equal(slow?.level, 40);
});

test("the steps of each connection are for debugging; refusals are warnings, doors are not to be missed", async () => {
  const events = (log: HubLog) => {
    log.lifecycleEvent({ name: "listening", id: 1, kind: "listener", local: "tcp://127.0.0.1:1" });
    log.lifecycleEvent({ name: "open", id: 2, kind: "connection" });
    log.lifecycleEvent({ name: "resumed", id: 3, kind: "session", session: "5e5510" });
    log.lifecycleEvent({ name: "refused", id: 0, kind: "listener", reason: "connectionsMax is 1", count: 3 });
    log.draining("SIGTERM", 2);
    log.drained(0);
  };
  const messages = async (level: string) => entries(await logged({ level }, events)).map(({ msg }) => msg);
  assert.deepEqual(await messages("info"), ["listener listening", "listener refused", "draining", "drained"]);
  assert.ok((await messages("debug")).includes("connection open"));
  assert.match(await logged({ level: "debug" }, events), /"session":"5e5510","msg":"session resumed"/);
  assert.deepEqual(await messages("warn"), ["listener refused"]);
  assert.deepEqual(await messages("silent"), []);
});

test("on a terminal each is a line that a person can read", async (t) => {
  const { NO_COLOR } = process.env;
  process.env.NO_COLOR = "1";
  t.after(() => {
    if (NO_COLOR === undefined) delete process.env.NO_COLOR;
    else process.env.NO_COLOR = NO_COLOR;
  });
  const text = await logged({ pretty: true }, (log) => {
    // The doors have been told already, by the command itself.
    log.lifecycleEvent({ name: "listening", id: 1, kind: "listener", local: "tcp://127.0.0.1:1" });
    log.hubEvent({ name: "tls", id: 3, remote: "tcp://127.0.0.1:9" });
  });
  assert.match(text, /^\[\d\d:\d\d:\d\d\] WARN: spoke TLS at the plain door \{"connection":3,.*\}\n$/);
});
