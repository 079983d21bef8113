import assert from "node:assert/strict";
import { test } from "node:test";

import { checkName } from "../../../src/cli/doctor/name.js";
import { patient, statuses } from "./patients.js";

test("a name leads to addresses, which those after it examine", async () => {
  const who = patient("localhost:1");
  const [found] = await checkName(who);
  assert.equal(found?.status, "ok");
  assert.ok(who.addresses.length > 0);
  assert.ok(found.says.startsWith(`localhost is ${who.addresses.join(", ")} (`));
});

test("an address is itself, and a path has none: there is nothing to say", async () => {
  const who = patient("tcp://[::1]:1");
  assert.deepEqual(await checkName(who), []);
  assert.deepEqual(who.addresses, ["::1"]);
  assert.deepEqual(await checkName(patient("unix:/a")), []);
});

test("a name that leads nowhere fails", async () => {
  const settings = { timeoutMs: 1_000, family: 6 } as const;
  const found = await checkName(patient("127.0.0.1:1", { settings }));
  assert.deepEqual(statuses(found), ["failed name"]);
  assert.equal(found[0]?.says, "127.0.0.1: 127.0.0.1 has no IPv6 address");
});
