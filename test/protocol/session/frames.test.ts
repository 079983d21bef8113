// The table of frames and their headers; the bytes themselves are in the test vectors.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  controlFrame,
  frameRules,
  frameTypes,
  headerBytes,
  lastFlag,
  readUint24,
  readUint32,
  readUint64,
  writeHeader,
  writeUint32,
  writeUint64,
} from "../../../src/protocol/session/frames.js";

const uint32 = fc.nat(2 ** 32 - 1);

test("a header is read as it was written, and nothing beside it is touched", () => {
  fc.assert(
    fc.property(fc.nat(255), fc.nat(2 ** 24 - 1), uint32, uint32, (type, length, stream, seq) => {
      const bytes = new Uint8Array(headerBytes + 2).fill(0xee);
      writeHeader(bytes, 1, type, length, stream, seq);
      assert.deepEqual([bytes[0], bytes[headerBytes + 1]], [0xee, 0xee]);
      assert.equal(readUint24(bytes, 1), length);
      assert.equal(bytes[4], type);
      assert.equal(readUint32(bytes, 5), stream);
      assert.equal(readUint32(bytes, 9), seq);
    }),
  );
});

test("counters go to 2^53 − 1, and what is above is none", () => {
  const bytes = new Uint8Array(8);
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      writeUint64(bytes, 0, value);
      assert.equal(readUint64(bytes, 0), value);
    }),
  );
  fc.assert(
    fc.property(uint32, fc.integer({ min: 2 ** 21, max: 2 ** 32 - 1 }), (low, high) => {
      writeUint32(bytes, 0, low);
      writeUint32(bytes, 4, high);
      assert.equal(readUint64(bytes, 0), undefined);
    }),
  );
});

test("the table knows each type that is named, OPEN and DATA also with LAST, and no other", () => {
  const known = frameRules.flatMap((rule, type) => (rule === undefined ? [] : [type]));
  const named = [...Object.values(frameTypes), frameTypes.open | lastFlag, frameTypes.data | lastFlag];
  assert.deepEqual(
    known,
    named.sort((one, other) => one - other),
  );
  const sequenced = frameRules.filter((rule) => rule?.isSequenced).map((rule) => rule?.name);
  assert.deepEqual([...new Set(sequenced)], ["open", "data", "end", "abort"]);
});

test("a control frame has no number", () => {
  const frame = controlFrame(
    "credit",
    Uint8Array.from({ length: 16 }, (_, at) => at),
    7,
  );
  const expected = [16, 0, 0, 0x06, 7, 0, 0, 0, 0, 0, 0, 0];
  assert.deepEqual([...frame.subarray(0, headerBytes)], expected);
  assert.equal(frame.length, headerBytes + 16);
});
