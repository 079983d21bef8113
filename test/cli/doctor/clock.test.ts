import assert from "node:assert/strict";
import { test } from "node:test";

import { checkClock } from "../../../src/cli/doctor/clock.js";
import { patient } from "./patients.js";

async function checked(endpoint: string, clock?: { aheadMs: number; doubtMs: number }) {
  const [found] = await checkClock(patient(endpoint, { clock }));
  return found;
}

test("clocks that are apart by more than the way there explains are warned of", async () => {
  const ahead = await checked("ws://h/", { aheadMs: 60_500, doubtMs: 500 });
  assert.equal(ahead?.status, "warning");
  assert.equal(ahead.says, "the peer's clock is 60 s ahead of ours");
  const behind = await checked("ws://h/", { aheadMs: -3_600_500, doubtMs: 500 });
  assert.equal(behind?.says, "the peer's clock is 3600 s behind ours");
  assert.equal((await checked("ws://h/", { aheadMs: 31_000, doubtMs: 5_000 }))?.status, "ok");
});

test("where nobody says the time, that is said", async () => {
  assert.equal((await checked("ws://h/"))?.says, "the clock: the answer has no Date");
  assert.match((await checked("tcp://h:1"))?.says ?? "", /^the clock: tcp says no time/);
});
