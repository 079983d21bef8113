import assert from "node:assert/strict";
import { test } from "node:test";

import { failure, findingLine, findingRecord } from "../../../src/cli/doctor/finding.js";
import { DisconnectedError, UsageError } from "../../../src/index.js";

test("a finding is a line, and an object", () => {
  const finding = { status: "ok", layer: "tls", says: "verified" } as const;
  assert.equal(findingLine(finding), "ok       tls      verified");
  assert.equal(findingLine({ ...finding, advice: "go on" }), "ok       tls      verified; go on");
  assert.deepEqual(JSON.parse(findingRecord(finding)), { event: "finding", ...finding });
});

test("an answer of the network's is a failure of its layer, with its own advice", () => {
  const error = new DisconnectedError("ERR_UNREACHABLE", "no way", { op: "connect", advice: "look" });
  const expected = { status: "failed", layer: "network", says: "h: no way", advice: "look" };
  assert.deepEqual(failure("network", error, "h: "), expected);
  const taken = new UsageError("not ours", {}, "ERR_ADDRESS_NOT_AVAILABLE");
  assert.equal(failure("network", taken).says, "not ours");
});

test("what is no answer goes to whoever asked wrongly", () => {
  for (const error of [new UsageError("no such file"), new TypeError("ours")]) {
    assert.throws(() => failure("tls", error), error);
  }
});
