// A WebSocket as records: however what is written is cut, the messages are the same.

import assert from "node:assert/strict";
import { test } from "node:test";
import { recordHeaderBytes, records } from "../../../src/protocol/framing/records.js";
import { RecordsOverLink } from "../../../src/transport/websocket/link-records.js";
import { FakeLink, Notes } from "./fake-link.js";

const messages: readonly (readonly [isText: boolean, text: string])[] = [
  [true, "one"],
  [false, ""],
  [false, "two"],
  [true, ""],
  [true, "three and more"],
];

function written(): Uint8Array {
  const bytes = messages.flatMap(([isText, text]) => {
    const framer = records(isText).open({ frameBytesMax: 100 });
    return [...framer.header(Buffer.from(text)), ...Buffer.from(text)];
  });
  return Uint8Array.from(bytes);
}

/** What the parts come to. */
function joined(log: readonly string[]): string[] {
  const whole: string[] = [];
  let open: string | undefined;
  for (const entry of log) {
    const [kind = "", text = ""] = entry.split(":");
    const part = text.replace("…", "");
    open = open === undefined ? `${kind}:${part}` : open + part;
    if (!text.endsWith("…")) {
      whole.push(open);
      open = undefined;
    }
  }
  return whole;
}

const expected = messages.map(([isText, text]) => `${isText ? "text" : "binary"}:${text}`);

test("each record leaves as a message of its kind, whole where it came whole", () => {
  const link = new FakeLink();
  assert.equal(new RecordsOverLink(link).write(written()), true);
  assert.deepEqual(link.log, expected);
});

test("wherever the writes are cut, the messages are the same, and no part of one is empty", () => {
  const all = written();
  for (let first = 1; first < all.length; first += 1) {
    for (let second = first + 1; second <= all.length; second += 1) {
      const link = new FakeLink();
      const stream = new RecordsOverLink(link);
      stream.write(all.subarray(0, first));
      stream.write(all.subarray(first, second));
      if (second < all.length) stream.write(all.subarray(second));
      assert.deepEqual(joined(link.log), expected, `cut after ${first} and ${second}`);
      assert.ok(!link.log.some((entry) => entry.endsWith(":…")));
    }
  }
});

test("a write that finds no room goes on when there is some", () => {
  const link = new FakeLink();
  const stream = new RecordsOverLink(link);
  const notes = new Notes();
  stream.start(notes);
  link.room = 2;
  assert.equal(stream.write(written()), false);
  assert.equal(link.log.length, 2);
  link.room = 1;
  link.sink?.onWritten();
  assert.deepEqual(notes.log, []);
  link.room = 2;
  link.sink?.onWritten();
  assert.deepEqual(notes.log, []);
  link.room = 1;
  link.sink?.onWritten();
  assert.deepEqual(notes.log, ["written"]);
  assert.deepEqual(link.log, expected);
});

test("each message is delivered as a record of its own, short or long", () => {
  const link = new FakeLink();
  const notes = new Notes();
  new RecordsOverLink(link).start(notes);
  link.sink?.onMessage(Buffer.from("abc"), true);
  link.sink?.onMessage(new Uint8Array(0), false);
  link.sink?.onMessage(Buffer.from("x".repeat(50_000)), false);
  assert.deepEqual(notes.log, ["\x01\0\0\0\x03abc", "\x02\0\0\0\0", `\x02\0\0\xc3\x50${"x".repeat(50_000)}`]);
  assert.equal(notes.log[2]?.length, recordHeaderBytes + 50_000);
});
