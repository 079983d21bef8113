// Whether the other side is alive, and that our own sleep is not held against it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Heartbeat } from "../../../src/protocol/session/heartbeat.js";

const options = { pingAfterMs: 5_000, deadAfterMs: 15_000, probeMs: 2_000 };

test("PING goes out after silence in either direction", () => {
  const heard = new Heartbeat(options, 0);
  assert.equal(heard.deadline, 5_000);
  heard.heard(4_000);
  assert.equal(heard.deadline, 5_000, "nothing was said");
  assert.equal(heard.check(4_999), "alive");
  assert.equal(heard.check(5_000), "ping");

  const spoke = new Heartbeat(options, 0);
  spoke.spoke(4_000);
  assert.equal(spoke.deadline, 5_000, "nothing was heard");
  spoke.heard(4_500);
  assert.equal(spoke.deadline, 9_000);
});

test("a link on which nothing comes is asked again, and then dead", () => {
  const heartbeat = new Heartbeat(options, 0);
  const verdicts: string[] = [];
  for (let now = heartbeat.deadline; verdicts.at(-1) !== "dead"; now = heartbeat.deadline) {
    const verdict = heartbeat.check(now);
    if (verdict === "ping") heartbeat.spoke(now);
    verdicts.push(`${verdict}${verdict === "dead" ? "" : ` ${now}`}`);
  }
  assert.deepEqual(verdicts, ["ping 5000", "ping 10000", "dead"]);
});

test("any byte is a sign of life", () => {
  const heartbeat = new Heartbeat(options, 0);
  heartbeat.heard(14_999);
  assert.notEqual(heartbeat.check(15_000), "dead");
  assert.equal(heartbeat.check(29_999), "dead");
});

test("a check that comes late asks once more, with a time of its own, before it says dead", () => {
  const heartbeat = new Heartbeat(options, 0);
  assert.equal(heartbeat.check(60_000), "ping");
  assert.equal(heartbeat.deadline, 62_000);
  assert.equal(heartbeat.check(61_000), "alive");
  assert.equal(heartbeat.check(62_000), "dead");
});

test("a check that is a little late is no sleep", () => {
  const heartbeat = new Heartbeat(options, 0);
  heartbeat.check(5_000);
  heartbeat.check(10_000);
  assert.equal(heartbeat.check(15_100), "dead");
});

test("an answer to a probe ends it", () => {
  const heartbeat = new Heartbeat(options, 0);
  assert.equal(heartbeat.probe(1_000), "ping");
  heartbeat.heard(1_100);
  heartbeat.spoke(1_100);
  assert.equal(heartbeat.deadline, 6_100);
  assert.equal(heartbeat.check(3_000), "alive");
});

test("a second doubt gives a link no more time, and a sleep during the probe does", () => {
  const heartbeat = new Heartbeat(options, 0);
  heartbeat.probe(1_000);
  heartbeat.probe(2_500);
  assert.equal(heartbeat.deadline, 3_000);
  assert.equal(heartbeat.check(9_000), "ping");
  assert.equal(heartbeat.check(10_999), "alive");
  assert.equal(heartbeat.check(11_000), "dead");
});

test("whoever gives a link little time gives a probe a quarter of it", () => {
  const heartbeat = new Heartbeat({ ...options, deadAfterMs: 4_000 }, 0);
  heartbeat.probe(100);
  assert.equal(heartbeat.deadline, 1_100);
});
