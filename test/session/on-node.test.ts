import assert from "node:assert/strict";
import { test } from "node:test";
import { keepSession, openSession } from "../../src/session/on-node.js";

test("what Node's transports reach is dialled; a bad endpoint or option is refused by a promise", async () => {
  await assert.rejects(openSession("memory:nobody"), { code: "ERR_CONNECTION_REFUSED" });
  await assert.rejects(openSession("udp://127.0.0.1:1"), { name: "UsageError" });
  await assert.rejects(openSession("nonsense://"), { code: "ERR_ENDPOINT" });
  await assert.rejects(keepSession("nonsense://").next(), { code: "ERR_ENDPOINT" });
});
