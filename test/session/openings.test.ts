import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { ClosedError } from "../../src/core/errors.js";
import { sessionLimits } from "../../src/protocol/session/session-limits.js";
import { Streams } from "../../src/protocol/session/streams.js";
import { Openings } from "../../src/session/openings.js";

const streamsFor = (streamsMax: number) =>
  new Streams(true, sessionLimits(), sessionLimits({ streamsMax }), 0);

test("streams are given at once while the peer takes them, then first come, first served", async () => {
  const streams = streamsFor(1);
  const openings = new Openings(streams);
  const first = await openings.take("first", { a: 1 }, 0, undefined);
  assert.deepEqual([first.name, first.metadata], ["first", { a: 1 }]);
  const stop = new AbortController();
  const [second, given, third] = [
    openings.take("second", undefined, 0, new AbortController().signal),
    openings.take("given up", undefined, 0, stop.signal),
    openings.take("third", undefined, 0, undefined),
  ];
  openings.admit();
  stop.abort(new Error("no"));
  await assert.rejects(given, { message: "no" });
  assert.equal(getEventListeners(stop.signal, "abort").length, 0);
  streams.release(first);
  openings.admit();
  assert.equal((await second).name, "second");
  streams.release(await second);
  openings.admit();
  assert.equal((await third).name, "third");
});

test("all that wait fail with the session", async () => {
  const openings = new Openings(streamsFor(0));
  const stop = new AbortController();
  const waiting = [
    openings.take("a", undefined, 0, stop.signal),
    openings.take("b", undefined, 0, undefined),
  ];
  openings.fail(new ClosedError("over"));
  for (const one of waiting) await assert.rejects(one, { message: "over" });
  assert.equal(getEventListeners(stop.signal, "abort").length, 0);
});
