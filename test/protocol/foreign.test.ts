// Other protocols, recognized by their first bytes in any cut, and their answers.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  type Foreign,
  httpRefusal,
  looksLikeHttp,
  looksLikeTls,
  recognizePeer,
  tlsAlert,
} from "../../src/protocol/foreign.js";

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

test("an HTTP answer is whole: its length is that of its text in bytes", () => {
  const [head = "", body = ""] = new TextDecoder().decode(httpRefusal("no größer")).split("\r\n\r\n");
  assert.match(head, /^HTTP\/1\.1 400 Bad Request\r\n/);
  assert.match(head, /\r\nContent-Length: 11\r\n/);
  assert.equal(body, "no größer");
});

suite("a peer is recognized at the same byte, however its bytes are cut", () => {
  const peers: [name: string, bytes: Uint8Array, foreign: Foreign, atByte: number][] = [
    ["curl", bytesOf("GET / HTTP/1.1\r\nHost: a\r\n"), "http", 12],
    ["a method that begins as ours does", bytesOf("HEAD /index HTTP/1.0\r\n"), "http", 18],
    ["a web server", bytesOf("HTTP/1.1 400 Bad Request\r\n"), "http", 5],
    ["a TLS client", new Uint8Array([0x16, 0x03, 0x01, 0x02, 0x00]), "tls", 2],
    ["a TLS server", tlsAlert, "tls", 2],
    ["a byte that only begins like TLS", new Uint8Array([0x16, 0x7f]), "plain", 2],
    ["a person", bytesOf("hello\n"), "plain", 1],
    ["a person who shouts", bytesOf("HELLO there\n"), "plain", 12],
    ["a person who shouts two words", bytesOf("HELLO THERE HARRY\n"), "plain", 14],
    ["a mail server", bytesOf("220 mail ESMTP\r\n"), "plain", 1],
  ];
  for (const [name, bytes, foreign, atByte] of peers) {
    test(name, () => {
      for (let size = 1; size <= bytes.length; size += 1) {
        const expected = size < atByte ? undefined : foreign;
        assert.equal(recognizePeer(bytes.subarray(0, size), false), expected, `${size} bytes`);
      }
    });
  }

  test("a request whose address is longer than what is looked at", () => {
    const request = bytesOf(`GET /${"a".repeat(2_000)}`);
    assert.equal(recognizePeer(request.subarray(0, 1_023), false), undefined);
    assert.equal(recognizePeer(request.subarray(0, 1_024), true), "http");
  });
});
