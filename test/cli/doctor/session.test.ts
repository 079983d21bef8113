import assert from "node:assert/strict";
import { test } from "node:test";

import { checkSession } from "../../../src/cli/doctor/session.js";
import { serve, serveSessions } from "../../../src/index.js";
import { patient, statuses } from "./patients.js";

test("a session that opens is fine, and is closed again", async () => {
  const seen: string[] = [];
  await using server = await serveSessions("tcp://127.0.0.1:0", async (session) => {
    seen.push(session.id);
    await session.closed;
  });
  const [found] = await checkSession(patient(server.endpoint, { session: true }));
  assert.match(found?.says ?? "", /^a session opens in [\d.]+ m?s$/);
  assert.equal(seen.length, 1);
});

test("what serves no sessions is a failure of theirs", async () => {
  await using server = await serve("tcp://127.0.0.1:0", () => {});
  assert.deepEqual(statuses(await checkSession(patient(server.endpoint, { session: true }))), [
    "failed session",
  ]);
});

test("nothing is tried unless it is asked for", async () => {
  assert.deepEqual(await checkSession(patient("tcp://127.0.0.1:1")), []);
});
