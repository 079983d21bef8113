// Other protocols at the plain door.

import assert from "node:assert/strict";
import { test } from "node:test";
import { httpAnswer, looksLikeHttp, looksLikeTls, tlsAlert } from "../../src/hub/foreign.js";

const bytesOf = (text: string) => new TextEncoder().encode(text);

test("request lines are told from what people say", () => {
  for (const line of [
    "GET / HTTP/1.1",
    "OPTIONS * HTTP/1.0",
    "CONNECT example.com:443 HTTP/1.1",
    "PRI * HTTP/2.0",
  ]) {
    assert.ok(looksLikeHttp(bytesOf(line)), line);
  }
  for (const line of ["hello", "GET well soon", "get / HTTP/1.1", "I like HTTP/1.1", ""]) {
    assert.ok(!looksLikeHttp(bytesOf(line)), line);
  }
});

test("a ClientHello is told from text by its first two bytes", () => {
  assert.ok(looksLikeTls(new Uint8Array([0x16, 0x03, 0x01, 0x02, 0x00])));
  assert.ok(!looksLikeTls(bytesOf("hello")));
  assert.ok(!looksLikeTls(new Uint8Array([0x16])));
});

test("the alert is one whole record: fatal, handshake_failure", () => {
  const [type, major, , high, low, level, description] = tlsAlert;
  assert.deepEqual([type, major, level, description], [21, 3, 2, 40]);
  assert.equal(tlsAlert.length, 5 + (high ?? 0) * 256 + (low ?? 0));
});

test("HTTP is answered in HTTP, with what to type instead", () => {
  const [head = "", body = ""] = new TextDecoder()
    .decode(httpAnswer("tcp://127.0.0.1:4711"))
    .split("\r\n\r\n");
  assert.match(head, /^HTTP\/1\.1 400 Bad Request\r\n/);
  assert.match(head, /\r\nConnection: close$/);
  assert.match(head, new RegExp(`\r\nContent-Length: ${bytesOf(body).length}\r\n`));
  assert.match(body, /^ {2}nc 127\.0\.0\.1 4711$/m);
  assert.match(body, /holdfast connect tcp:\/\/127\.0\.0\.1:4711$/m);
});

test("an IPv6 door and one that has no port are told too", () => {
  const text = (endpoint: string) => new TextDecoder().decode(httpAnswer(endpoint));
  assert.match(text("tcp://[::1]:4711"), /^ {2}nc ::1 4711$/m);
  assert.match(text("unix:/tmp/room"), /holdfast connect unix:\/tmp\/room$/m);
});
