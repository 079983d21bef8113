// What a browser at the plain door is told.

import assert from "node:assert/strict";
import { test } from "node:test";
import { httpAnswer } from "../../src/hub/foreign.js";

const bytesOf = (text: string) => new TextEncoder().encode(text);

test("HTTP is answered in HTTP, with what to type instead", () => {
  const [head = "", body = ""] = new TextDecoder()
    .decode(httpAnswer("tcp://127.0.0.1:4711", ""))
    .split("\r\n\r\n");
  assert.match(head, /^HTTP\/1\.1 400 Bad Request\r\n/);
  assert.match(head, /\r\nConnection: close$/);
  assert.match(head, new RegExp(`\r\nContent-Length: ${bytesOf(body).length}\r\n`));
  assert.match(body, /^ {2}nc 127\.0\.0\.1 4711$/m);
  assert.match(body, /holdfast connect tcp:\/\/127\.0\.0\.1:4711$/m);
});

test("an IPv6 door and one that has no port are told too", () => {
  const text = (endpoint: string) => new TextDecoder().decode(httpAnswer(endpoint, ""));
  assert.match(text("tcp://[::1]:4711"), /^ {2}nc ::1 4711$/m);
  assert.match(text("unix:/tmp/room"), /holdfast connect unix:\/tmp\/room$/m);
});

test("a browser is shown the way to the page, if there is one", () => {
  const text = new TextDecoder().decode(httpAnswer("tcp://127.0.0.1:4711", "http://127.0.0.1:12380"));
  assert.match(text, /page for browsers is at http:\/\/127\.0\.0\.1:12380$/m);
});
