import assert from "node:assert/strict";
import { test } from "node:test";

import {
  endpointArgument,
  endpointOf,
  familyOf,
  networkSettings,
  noExec,
  sourceEndpoint,
} from "../../../src/cli/talk/settings.js";

test("what is not said is left to the library", () => {
  assert.deepEqual(networkSettings({ ipv4: false, ipv6: false, retry: 0 }), {});
});

test("each option becomes the library's own; the first attempt is no retry", () => {
  const options = { ipv4: false, ipv6: true, timeout: 1, idle: 2, retry: 3, source: "::1" };
  assert.deepEqual(networkSettings(options), {
    family: 6,
    timeoutMs: 1,
    idleTimeoutMs: 2,
    retry: { attempts: 4 },
    sourceAddress: "::1",
  });
  assert.deepEqual(familyOf({ ipv4: true, ipv6: false }), { family: 4 });
  for (const read of [familyOf, networkSettings]) {
    assert.throws(() => read({ ipv4: true, ipv6: true }), {
      name: "UsageError",
      message: /exclude each other/,
    });
  }
});

test("an endpoint is one argument, or a host and a port", () => {
  assert.deepEqual(endpointOf([":9000"]), { text: ":9000", isDatagram: false, isWebSocket: false });
  assert.deepEqual(endpointOf(["udp://h:1"]), { text: "udp://h:1", isDatagram: true, isWebSocket: false });
  assert.deepEqual(endpointOf(["example.com", "80"]), {
    text: "tcp://example.com:80",
    isDatagram: false,
    isWebSocket: false,
  });
  assert.deepEqual(endpointOf(["::1", "80"]), {
    text: "tcp://[::1]:80",
    isDatagram: false,
    isWebSocket: false,
  });
  assert.deepEqual(endpointOf(["[::1]", "80"]), {
    text: "tcp://[::1]:80",
    isDatagram: false,
    isWebSocket: false,
  });
  assert.throws(() => endpointOf(["tcp://h:1", "80"]), { message: /is an endpoint already/ });
  assert.throws(() => endpointOf(["h", "http"]), { code: "ERR_ENDPOINT", message: /"http" is no port/ });
});

test("an endpoint that no command can use is refused with those that it can", () => {
  assert.deepEqual(endpointArgument("unix:/a"), { text: "unix:/a", isDatagram: false, isWebSocket: false });
  assert.throws(() => endpointArgument("memory:a"), {
    name: "UsageError",
    message: /inside one program.*unix:$/,
  });
});

test("a UDP socket comes from the address asked for, or from any", () => {
  assert.equal(sourceEndpoint(undefined), "udp://*:0");
  assert.equal(sourceEndpoint("127.0.0.1"), "udp://127.0.0.1:0");
  assert.equal(sourceEndpoint("::1"), "udp://[::1]:0");
});

test("a process for datagrams is refused", () => {
  noExec({});
  assert.throws(() => noExec({ exec: "cat" }), { name: "UsageError" });
});
