import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../src/core/clock.js";
import { limits } from "../../src/core/limits.js";
import { json } from "../../src/protocol/encoding/json.js";
import { sessionSettings } from "../../src/session/options.js";

test("where nothing is said, the defaults hold", () => {
  const settings = sessionSettings({});
  assert.equal(settings.clock, systemClock);
  assert.deepEqual(settings.heartbeat, {
    pingAfterMs: limits.pingAfterMs,
    deadAfterMs: limits.deadAfterMs,
    probeMs: limits.probeMs,
  });
  assert.equal(settings.limits.messageBytesMax, limits.messageBytesMax);
  assert.equal(settings.drainMs, limits.drainMs);
  const slab = settings.slabs.take(10);
  settings.slabs.give(slab);
});

test("what cannot work is refused, with what to change", () => {
  const refused = (options: object, message: RegExp) =>
    assert.throws(() => sessionSettings(options), { name: "UsageError", message });
  refused({ encoding: json }, /encoding is a function; call it: json\(\)/);
  refused({ family: 5 }, /family must be 4 or 6, got 5/);
  refused({ heartbeat: { pingAfterMs: 0 } }, /deadAfterMs must be above pingAfterMs/);
  refused({ heartbeat: { pingAfterMs: 5, deadAfterMs: 5 } }, /which is 5, got 5/);
  refused({ heartbeat: { deadAfterMs: -1 } }, /heartbeat.deadAfterMs/);
  refused({ drainMs: 0.5 }, /drainMs/);
  refused({ limits: { streamCreditBytes: 10 } }, /streamCreditBytes/);
});
