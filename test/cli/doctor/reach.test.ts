import assert from "node:assert/strict";
import { test } from "node:test";

import { checkReach } from "../../../src/cli/doctor/reach.js";
import { listen, parseEndpoint } from "../../../src/index.js";
import { patient, statuses } from "./patients.js";

test("each address is tried by itself: one that does not answer is a warning while another does", async () => {
  await using listener = await listen("tcp://127.0.0.1:0");
  const found = await checkReach(patient(listener.endpoint, { addresses: ["127.0.0.1", "127.0.0.2"] }));
  assert.deepEqual(statuses(found), ["ok network", "warning network"]);
  assert.match(found[0]?.says ?? "", /^tcp:\/\/127\.0\.0\.1:\d+ answers in [\d.]+ ms$/);
  assert.match(found[1]?.advice ?? "", /clients take the other address/);
});

test("none that answers is a failure", async () => {
  const gone = await listen("tcp://127.0.0.1:0");
  await gone.close();
  const found = await checkReach(patient(gone.endpoint, { addresses: ["127.0.0.1"] }));
  assert.deepEqual(statuses(found), ["failed network"]);
  assert.match(found[0]?.says ?? "", /connection refused/);
});

test("under TLS or WebSocket it is TCP that is tried", async () => {
  await using listener = await listen("tcp://127.0.0.1:0");
  const { port } = parseEndpoint(listener.endpoint) as { port: number };
  const found = await checkReach(patient(`wss://localhost:${port}/`, { addresses: ["127.0.0.1"] }));
  assert.deepEqual(statuses(found), ["ok network"]);
});

test("a path is tried as it is", async () => {
  assert.deepEqual(statuses(await checkReach(patient("unix:/nowhere/at-all"))), ["failed network"]);
});
