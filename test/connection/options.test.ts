import assert from "node:assert/strict";
import { test } from "node:test";

import {
  type ConnectOptions,
  formatFor,
  type ListenOptions,
  recordsFormatOf,
  settingsOf,
} from "../../src/connection/options.js";
import { parseEndpoint } from "../../src/core/endpoint.js";
import { limits } from "../../src/core/limits.js";
import { json } from "../../src/protocol/encoding/json.js";
import { chunks } from "../../src/protocol/framing/chunks.js";
import { lines } from "../../src/protocol/framing/lines.js";

test("nothing said means chunks of bytes, and the documented limits", () => {
  const { format, link, stream } = settingsOf({});
  assert.deepEqual([format.framing.name, format.encoding.name], ["chunks", "bytes"]);
  assert.equal(format.limits.frameBytesMax, limits.frameBytesMax);
  assert.equal(link.sendBufferBytes, limits.sendBufferBytes);
  assert.deepEqual([stream.readBytesMax, stream.noDelay], [limits.readBytesMax, true]);
});

test("a framing brings its own encoding, which another takes the place of", () => {
  assert.equal(settingsOf({ framing: lines() }).format.encoding.name, "text");
  assert.equal(settingsOf({ framing: lines(), encoding: json() }).format.encoding.name, "json");
});

test("a pair that cannot work, and a bound that is none, are refused at once", () => {
  assert.throws(() => settingsOf({ framing: chunks(), encoding: json() }), { name: "UsageError" });
  assert.throws(() => settingsOf({ sendBufferBytes: 0 }), { name: "UsageError", message: /sendBufferBytes/ });
  assert.throws(() => settingsOf({ idleTimeoutMs: -1 }), { name: "UsageError", message: /idleTimeoutMs/ });
  assert.throws(() => settingsOf({ family: 5 as 4 }), { name: "UsageError", message: /family/ });
});

test("a framing or an encoding that was not called is told how to", () => {
  const uncalled = { framing: lines as unknown as ReturnType<typeof lines> };
  assert.throws(() => settingsOf(uncalled), {
    name: "UsageError",
    message: "framing is the function lines; call it: lines()",
  });
  assert.throws(() => settingsOf({ encoding: json as unknown as ReturnType<typeof json> }), {
    message: "encoding is the function json; call it: json()",
  });
});

test("an option that may be undefined may be passed on as it is", () => {
  const wishes: ListenOptions & ConnectOptions = {
    signal: undefined,
    framing: undefined,
    noDelay: undefined,
    retry: undefined,
    backlog: undefined,
  };
  assert.equal(settingsOf(wishes).format.framing.name, "chunks");
});

test("over WebSocket only the encoding applies, and a framing is refused where it has nothing to do", () => {
  const ws = parseEndpoint("ws://127.0.0.1:1/");
  const tcp = parseEndpoint("tcp://127.0.0.1:1");
  assert.throws(() => settingsOf({ framing: lines() }, [ws]), {
    name: "UsageError",
    message:
      "WebSocket keeps messages apart itself, so lines() has nothing to do; " +
      "leave out framing; encoding alone says what is in a message",
  });
  const alone = settingsOf({ encoding: json() }, [ws]);
  assert.deepEqual([alone.format.framing.name, alone.format.encoding.name], ["records", "json"]);
  const { format, records } = settingsOf({ framing: lines() }, [tcp, ws]);
  assert.deepEqual([format.framing.name, records.framing.name], ["lines", "records"]);
  assert.equal(records.encoding.name, "text", "what lines() suggests, for all of one server's connections");
  assert.equal(formatFor({ carriesRecords: true }, { format, records }), records);
  assert.equal(formatFor({}, { format, records }), format);
  assert.throws(() => recordsFormatOf({ framing: lines() }), { name: "UsageError" });
  assert.equal(recordsFormatOf({}).encoding.name, "bytes");
});
