// Where the HTTP door is, as people write it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { httpUrlOf, parseHttpUrl } from "../../../src/hub/http/http-url.js";

test("a URL, or host and port alone", () => {
  const places: [written: string, scheme: string, host: string, port: number][] = [
    ["http://127.0.0.1:12380", "ws", "127.0.0.1", 12_380],
    ["HTTPS://hub.example/", "wss", "hub.example", 443],
    ["localhost:80", "ws", "localhost", 80],
    [":0", "ws", "127.0.0.1", 0],
    ["http://*:12380", "ws", "*", 12_380],
    ["http://[::1]:1", "ws", "::1", 1],
  ];
  for (const [written, scheme, host, port] of places) {
    assert.deepEqual(parseHttpUrl(written), { scheme, host, port, path: "/" }, written);
  }
});

test("anything else says what is wrong with it", () => {
  const wrong: [written: string, reason: RegExp][] = [
    [
      "http://127.0.0.1:x",
      /http is "http:\/\/127.0.0.1:x": "x" is no port; write http:\/\/127\.0\.0\.1:12380/,
    ],
    ["ws://127.0.0.1:1", /it has a path, or another scheme/],
    ["http://127.0.0.1:1/page", /it has a path/],
    ["http://user:secret@host:1", /user name or password/],
    ["", /it has a path/],
  ];
  for (const [written, reason] of wrong) assert.throws(() => parseHttpUrl(written), reason, written);
});

test("what listens there is told as browsers know it", () => {
  assert.equal(httpUrlOf("ws://127.0.0.1:12380/"), "http://127.0.0.1:12380");
  assert.equal(httpUrlOf("wss://[::1]:443/"), "https://[::1]:443");
});
