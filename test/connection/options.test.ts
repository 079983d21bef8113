import assert from "node:assert/strict";
import { test } from "node:test";

import { settingsOf } from "../../src/connection/options.js";
import { limits } from "../../src/core/limits.js";
import { json } from "../../src/protocol/encoding/json.js";
import { chunks } from "../../src/protocol/framing/chunks.js";
import { lines } from "../../src/protocol/framing/lines.js";

test("nothing said means chunks of bytes, and the documented limits", () => {
  const { framing, encoding, limits: format, link, stream } = settingsOf({});
  assert.deepEqual([framing.name, encoding.name], ["chunks", "bytes"]);
  assert.equal(format.frameBytesMax, limits.frameBytesMax);
  assert.equal(link.sendBufferBytes, limits.sendBufferBytes);
  assert.deepEqual([stream.readBytesMax, stream.noDelay], [limits.readBytesMax, true]);
});

test("a framing brings its own encoding, which another takes the place of", () => {
  assert.equal(settingsOf({ framing: lines() }).encoding.name, "text");
  assert.equal(settingsOf({ framing: lines(), encoding: json() }).encoding.name, "json");
});

test("a pair that cannot work, and a bound that is none, are refused at once", () => {
  assert.throws(() => settingsOf({ framing: chunks(), encoding: json() }), { name: "UsageError" });
  assert.throws(() => settingsOf({ sendBufferBytes: 0 }), { name: "UsageError", message: /sendBufferBytes/ });
  assert.throws(() => settingsOf({ idleTimeoutMs: -1 }), { name: "UsageError", message: /idleTimeoutMs/ });
  assert.throws(() => settingsOf({ family: 5 as 4 }), { name: "UsageError", message: /family/ });
});
