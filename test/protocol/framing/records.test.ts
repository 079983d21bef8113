// Records: messages whose boundaries the transport keeps, as bytes on their way between it and a connection.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteQueue } from "../../../src/core/byte-queue.js";
import { recordHeaderBytes, records, writeRecordHeader } from "../../../src/protocol/framing/records.js";
import { ascii, asText, sentBy } from "./framers.js";

const limits = { frameBytesMax: 1_000 };

test("a record is its kind, its length and the message, and comes back as it was", () => {
  for (const [isText, kind] of [
    [true, 1],
    [false, 2],
  ] as const) {
    const framer = records(isText).open(limits);
    for (const message of ["", "a", "x".repeat(1_000)]) {
      const wire = sentBy(framer, ascii(message));
      assert.deepEqual(
        [...wire.subarray(0, recordHeaderBytes)],
        [kind, 0, 0, message.length >> 8, message.length & 0xff],
      );
      const input = new ByteQueue();
      for (const byte of wire) {
        assert.equal(framer.decode(input), undefined);
        input.append(Uint8Array.of(byte));
      }
      assert.equal(asText(framer.decode(input)), message);
      assert.equal(framer.decode(input), undefined);
      assert.equal(framer.end(input), undefined);
    }
  }
});

test("either kind is taken, and several records are cut one by one", () => {
  const framer = records(true).open(limits);
  const input = new ByteQueue();
  for (const [isText, message] of [
    [false, "one"],
    [true, "two"],
  ] as const) {
    input.append(sentBy(records(isText).open(limits), ascii(message)));
  }
  assert.equal(asText(framer.decode(input)), "one");
  assert.equal(asText(framer.decode(input)), "two");
});

test("a message above the bound is refused, on its way out and on its way in", () => {
  const framer = records(false).open({ frameBytesMax: 3 });
  const error = { name: "LimitError", message: "frameBytesMax is 3, got 4" };
  assert.throws(() => framer.header(ascii("1234")), error);
  const input = new ByteQueue();
  input.append(sentBy(records(false).open(limits), ascii("1234")));
  assert.throws(() => framer.decode(input), error);
});

test("a length takes all of its four bytes", () => {
  const header = new Uint8Array(recordHeaderBytes);
  writeRecordHeader(header, false, 0xf1e2d3c4);
  assert.deepEqual([...header], [2, 0xf1, 0xe2, 0xd3, 0xc4]);
  const input = new ByteQueue();
  input.append(header);
  assert.throws(() => records(false).open(limits).decode(input), { message: /got 4058174404$/ });
});
