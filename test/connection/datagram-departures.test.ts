import assert from "node:assert/strict";
import { test } from "node:test";
import { Departures } from "../../src/connection/datagram-departures.js";
import type { Clock } from "../../src/core/clock.js";

const to = "udp://127.0.0.1:9";

/** A clock whose time is up when the test says so. */
function handClock() {
  const due = new Set<() => void>();
  const clock: Clock = {
    now: () => 0,
    setTimer(callback) {
      due.add(callback);
      return callback;
    },
    clearTimer: (timer) => void due.delete(timer as () => void),
  };
  return { clock, due };
}

test("number and bytes under way are bounded, and free again once they are taken", () => {
  const departures = new Departures({ datagramsQueuedMax: 2, datagramQueueBytes: 100 });
  departures.begin(60, to);
  assert.throws(() => departures.begin(41, to), {
    message: `send ${to}: datagramQueueBytes is 100, got 101; await the sends`,
  });
  departures.begin(40, to);
  assert.throws(() => departures.begin(0, to), {
    message: `send ${to}: datagramsQueuedMax is 2, got 3; await the sends`,
  });
  departures.end(60);
  departures.begin(60, to);
});

test("one datagram alone may always leave", () => {
  const departures = new Departures({ datagramsQueuedMax: 1, datagramQueueBytes: 1 });
  departures.begin(1000, to);
  departures.end(1000);
  departures.begin(1000, to);
});

test("waiting for none ends with the last one, and takes its timer away", async () => {
  const { clock, due } = handClock();
  const departures = new Departures({ datagramsQueuedMax: 9, datagramQueueBytes: 9 });
  await departures.none(clock, 5);
  departures.begin(1, to);
  departures.begin(1, to);
  const waiting = departures.none(clock, 5);
  departures.end(1);
  assert.equal(due.size, 1);
  departures.end(1);
  await waiting;
  assert.equal(due.size, 0);
});

test("waiting for none ends when its time is up, too", async () => {
  const { clock, due } = handClock();
  const departures = new Departures({ datagramsQueuedMax: 9, datagramQueueBytes: 9 });
  departures.begin(1, to);
  const waiting = departures.none(clock, 5);
  for (const expire of due) expire();
  await waiting;
});
