// The payload of OPEN.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LimitError, ProtocolError } from "../../../src/core/errors.js";
import {
  decodeOpen,
  encodeOpenHead,
  type Open,
  openHeadBytes,
} from "../../../src/protocol/session/open-frame.js";
import { Violation } from "../../../src/protocol/session/violation.js";
import { joined } from "../../../src/testing/cuts.js";

const openBytesMax = 4_096;

function encode(open: Open): Uint8Array {
  const head = encodeOpenHead(open, open.message !== undefined, openBytesMax);
  return open.message === undefined ? head : joined([head, open.message]);
}

test("what is written is read, with metadata of any JSON value and a message of any bytes", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", maxLength: 100 }),
      fc.option(fc.jsonValue({ maxDepth: 3 }), { nil: undefined }),
      fc.option(fc.uint8Array({ maxLength: 100 }), { nil: undefined }),
      (name, metadata, message) => {
        const payload = encode({ name, metadata, message });
        const read = decodeOpen(payload);
        assert.deepEqual({ ...read, metadata: undefined }, { name, metadata: undefined, message });
        assert.equal(JSON.stringify(read.metadata), JSON.stringify(metadata));
        assert.equal(openHeadBytes(payload), payload.length - (message?.length ?? 0));
      },
    ),
  );
});

test("a message is a view of the payload, and an empty one is not none", () => {
  const payload = encode({ name: "a", message: new Uint8Array([1, 2]) });
  assert.equal(decodeOpen(payload).message?.buffer, payload.buffer);
  assert.deepEqual(decodeOpen(encode({ name: "a", message: new Uint8Array(0) })).message, new Uint8Array(0));
  assert.equal(decodeOpen(encode({ name: "a" })).message, undefined);
});

test("a head beyond what the receiver takes is refused before anything is sent", () => {
  const full = { name: "n".repeat(openBytesMax - 5) };
  assert.equal(encodeOpenHead(full, false, openBytesMax).length, openBytesMax);
  assert.throws(
    () => encodeOpenHead({ ...full, metadata: 1 }, false, openBytesMax),
    (error) => {
      assert.ok(error instanceof LimitError && error.limit === "openBytesMax");
      return true;
    },
  );
});

test("what has no JSON form, or no UTF-8, is the caller's error", () => {
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  for (const open of [{ name: "a", metadata: cyclic }, { name: "a", metadata: 1n }, { name: "\ud800" }]) {
    assert.throws(
      () => encode(open),
      (error) => error instanceof ProtocolError && error.by === "local",
    );
  }
});

test("a payload that does not hold what it says is refused", () => {
  const bad: [why: string, payload: number[]][] = [
    ["flags beyond 1", [2, 0, 0, 0, 0]],
    ["a name beyond the payload", [0, 1, 0, 0, 0]],
    ["metadata beyond the payload", [1, 0, 0, 2, 0, 0x7b]],
    ["bytes without a message", [0, 0, 0, 0, 0, 1]],
    ["a name that is not UTF-8", [0, 1, 0, 0, 0, 0xff]],
    ["metadata that is no JSON", [0, 0, 0, 1, 0, 0x7b]],
  ];
  for (const [why, payload] of bad) {
    assert.throws(
      () => decodeOpen(new Uint8Array(payload)),
      (error) => {
        assert.ok(error instanceof Violation && error.code === "malformed", why);
        return true;
      },
    );
  }
});

test("garbage is read or refused, and nothing else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 5, maxLength: 64 }), (payload) => {
      try {
        decodeOpen(payload);
      } catch (error) {
        assert.ok(error instanceof Violation);
      }
    }),
  );
});
