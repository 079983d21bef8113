// The beginning of a link: read in any cut, and never more of it than may be a handshake.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import {
  frameTypes,
  handshakeBytesMax,
  headerBytes,
  writeHeader,
} from "../../../src/protocol/session/frames.js";
import { Refusal } from "../../../src/protocol/session/handshake-bodies.js";
import {
  encodeHandshake,
  ForeignError,
  HandshakeReader,
  preamble,
} from "../../../src/protocol/session/handshake-wire.js";
import { cutAnywhere, joined, seeded } from "../../../src/testing/cuts.js";
import { bytesOf } from "../../support/handshakes.js";

const reader = () => new HandshakeReader(["hello", "resume"]);

function header(type: number, length: number, stream = 0, seq = 0): Uint8Array {
  const bytes = new Uint8Array(headerBytes);
  writeHeader(bytes, 0, type, length, stream, seq);
  return joined([preamble, bytes]);
}

test("a frame and what stands behind it are told apart, however they are cut", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: handshakeBytesMax, size: "max" }),
      fc.uint8Array({ maxLength: 300 }),
      fc.nat(),
      (payload, behind, seed) => {
        const wire = joined([encodeHandshake("hello", payload), behind]);
        const pieces = cutAnywhere(seeded(seed))(wire);
        const reading = reader();
        for (const [at, piece] of pieces.entries()) {
          const frame = reading.receive(piece);
          if (frame === undefined) continue;
          assert.equal(frame.name, "hello");
          assert.deepEqual(frame.payload, payload);
          assert.deepEqual(joined([frame.rest, ...pieces.slice(at + 1)]), behind);
          return;
        }
        assert.fail("no frame");
      },
    ),
  );
});

test("a proof stands behind its JSON", () => {
  const wire = encodeHandshake("resume", bytesOf("{}"), new Uint8Array(32).fill(3));
  const payload = reader().receive(wire)?.payload;
  assert.deepEqual(payload, joined([bytesOf("{}"), new Uint8Array(32).fill(3)]));
});

suite("a header is refused before a byte of its payload has come", () => {
  const bad: [why: string, wire: Uint8Array, message: RegExp][] = [
    ["an unknown type", header(0x3f, 0), /unknown frame came where hello or resume was expected/],
    ["a frame of a session", header(frameTypes.ack, 8), /kind ack/],
    ["the other side's frame", header(frameTypes.welcome, 10), /kind welcome/],
    ["a flag", header(frameTypes.hello | 0x40, 10), /unknown frame/],
    ["a stream", header(frameTypes.hello, 10, 1), /stream or a number/],
    ["a number", header(frameTypes.hello, 10, 0, 1), /stream or a number/],
    ["too much", header(frameTypes.hello, handshakeBytesMax + 1), /8193 bytes, of 0 to 8192/],
    ["far too much", header(frameTypes.hello, 2 ** 24 - 1), /16777215 bytes/],
    ["too little for a proof", header(frameTypes.resume, 31), /31 bytes, of 32/],
  ];
  for (const [why, wire, message] of bad) {
    test(why, () => {
      assert.throws(
        () => reader().receive(wire),
        (error) => {
          assert.ok(error instanceof Refusal && error.code === "malformed");
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }
});

test("another version of the preamble is no foreign protocol", () => {
  const other = joined([preamble.subarray(0, -1), Uint8Array.of(2)]);
  assert.throws(
    () => reader().receive(other),
    (error) => error instanceof Refusal && error.code === "version",
  );
});

test("foreign bytes are named as soon as they can be", () => {
  const foreign = (bytes: Uint8Array, who: string) =>
    assert.throws(
      () => reader().receive(bytes),
      (error) => error instanceof ForeignError && error.foreign === who,
    );
  foreign(bytesOf("GET / HTTP/1.1"), "http");
  foreign(bytesOf("HOLDING /a HTTP/1.1"), "http");
  foreign(new Uint8Array([0x16, 0x03]), "tls");
  foreign(bytesOf("h"), "plain");
  foreign(bytesOf("HOLDFASt"), "plain");
  foreign(bytesOf(`GET /${"a".repeat(5_000)}`), "http");
  assert.equal(reader().receive(bytesOf("GET /")), undefined);
});

test("no more is held than has come, nor than a handshake may be", () => {
  const endless = new Uint8Array(1_000_000);
  endless.set(encodeHandshake("hello", new Uint8Array(handshakeBytesMax)));
  const frame = reader().receive(endless);
  assert.ok(frame !== undefined);
  assert.ok(frame.payload.buffer.byteLength <= 16_384);
  assert.equal(frame.rest.buffer, endless.buffer);
  const small = reader().receive(encodeHandshake("hello", new Uint8Array(10)));
  assert.ok((small?.payload.buffer.byteLength ?? 0) <= 256);
});
