// What a side takes, and which of it fits together.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { UsageError } from "../../../src/core/errors.js";
import { limits as defaults } from "../../../src/core/limits.js";
import {
  checkSessionLimits,
  readSessionLimits,
  type SessionLimits,
  sameSessionLimits,
  sessionLimits,
} from "../../../src/protocol/session/session-limits.js";
import { Violation } from "../../../src/protocol/session/violation.js";

const names = Object.keys(sessionLimits()) as (keyof SessionLimits)[];

test("the defaults are those of all limits, and fit together", () => {
  const limits = sessionLimits();
  for (const name of names) assert.equal(limits[name], defaults[name]);
  assert.equal(checkSessionLimits(limits), undefined);
});

test("what is given takes the place of a default; streams may be forbidden", () => {
  const limits = sessionLimits({ streamsMax: 0, mainCreditBytes: 300_000 });
  assert.deepEqual(limits, { ...sessionLimits(), streamsMax: 0, mainCreditBytes: 300_000 });
});

test("what does not fit together is refused with what to change", () => {
  assert.throws(() => sessionLimits({ messageBytesMax: 262_145 }), {
    message: "messageBytesMax must be at most streamCreditBytes, which is 262144, got 262145",
  });
  assert.throws(() => sessionLimits({ streamsMax: 1.5 }), UsageError);
});

test("the smallest and the largest of each are taken, and nothing beyond", () => {
  const smallest: SessionLimits = {
    messageBytesMax: 64,
    openBytesMax: 64,
    streamCreditBytes: 64,
    mainCreditBytes: 64,
    streamsMax: 0,
    outboxBytesMax: 128,
  };
  assert.equal(checkSessionLimits(smallest), undefined);
  const u32 = 2 ** 32 - 1;
  const largest: SessionLimits = {
    messageBytesMax: 2 ** 24 - 2 ** 16,
    openBytesMax: 2 ** 16 - 1,
    streamCreditBytes: u32 - 2 ** 16 + 1,
    mainCreditBytes: u32,
    streamsMax: u32,
    outboxBytesMax: u32,
  };
  assert.equal(checkSessionLimits(largest), undefined);
  for (const name of names) {
    assert.match(String(checkSessionLimits({ ...smallest, [name]: smallest[name] - 1 })), new RegExp(name));
    assert.match(String(checkSessionLimits({ ...largest, [name]: largest[name] + 1 })), new RegExp(name));
  }
});

suite("a peer's limits", () => {
  const limits = sessionLimits();

  test("are read, whatever else it names", () => {
    assert.deepEqual(readSessionLimits({ ...limits, later: true }), limits);
  });

  for (const name of names) {
    test(`are unreadable where ${name} is missing or no whole number`, () => {
      for (const value of [undefined, null, "64", 64.5, -1]) {
        assert.throws(() => readSessionLimits({ ...limits, [name]: value }), Violation);
      }
    });

    test(`are others where ${name} is another`, () => {
      assert.ok(sameSessionLimits(limits, { ...limits }));
      assert.ok(!sameSessionLimits(limits, { ...limits, [name]: limits[name] + 1 }));
    });
  }
});
