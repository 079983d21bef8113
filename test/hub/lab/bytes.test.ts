// The experiment with bytes, beside what Node's sockets were given to write.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { runBytes } from "../../../src/hub/lab/bytes.js";
import type { BytesOrder } from "../../../src/hub/lab/messages.js";
import { Wiretap } from "../../support/wiretap.js";
import { abortedAt, closesAll, Events, openHandles } from "./support/watched.js";

const order = (more: Partial<BytesOrder>): BytesOrder => ({
  messages: ["one", "two", "wor👋ld"],
  framing: "none",
  readBytes: 1_024,
  ...more,
});

async function ran(given: BytesOrder): Promise<{ readonly events: Events<"bytes">; readonly tap: Wiretap }> {
  using tap = new Wiretap();
  const before = openHandles();
  const events = new Events<"bytes">();
  await runBytes(given, events.emit);
  await closesAll(before);
  return { events, tap };
}

/** As the framings' own descriptions say, and not their code. */
const onWire = {
  none: (text: string) => Buffer.from(text),
  lines: (text: string) => Buffer.from(`${text}\n`),
  length4: (text: string) => {
    const payload = Buffer.from(text);
    const header = Buffer.alloc(4);
    header.writeUInt32BE(payload.length);
    return Buffer.concat([header, payload]);
  },
};

for (const framing of ["none", "lines", "length4"] as const) {
  for (const readBytes of [1, 3, 7, 1_024]) {
    test(`${framing}, read ${readBytes} at a time: the chunks are what went over the wire, cut so`, async () => {
      const given = order({ framing, readBytes });
      const { events, tap } = await ran(given);
      const wire = Buffer.concat(given.messages.map(onWire[framing]));
      for (const { writes } of tap.dialled) assert.deepEqual(Buffer.concat(writes), wire);
      const chunks = events.of("chunk");
      assert.equal(chunks.map(({ hex }) => hex).join(""), wire.toString("hex"));
      let at = 0;
      for (const { from, to, hex, text } of chunks) {
        assert.equal(from, at);
        assert.ok(to - from <= readBytes && hex.length === 2 * (to - from));
        assert.equal(text, wire.subarray(from, to).toString());
        at = to;
      }
      assert.equal(at, wire.length);
    });
  }
}

test("sends of one turn leave in one write, and sends with a pause in one each", async () => {
  const together = await ran(order({}));
  assert.deepEqual(
    together.tap.dialled.map(({ writes }) => writes.length),
    [1, 1],
  );
  const apart = await ran(order({ pauseMs: 1 }));
  assert.deepEqual(
    apart.tap.dialled.map(({ writes }) => writes.length),
    [3, 3],
  );
});

test("each send says where its bytes lie, and each chunk whose bytes it has", async () => {
  const { events } = await ran(order({ messages: ["abc", "", "defg"], readBytes: 5 }));
  const sent = events.of("sent").filter(({ reader }) => reader === "bytes");
  assert.deepEqual(
    sent.map(({ message, from, to, hex }) => [message, from, to, hex]),
    [
      [0, 0, 3, "616263"],
      [1, 3, 3, ""],
      [2, 3, 7, "64656667"],
    ],
  );
  assert.deepEqual(
    events.of("chunk").map(({ from, to, overlaps }) => [from, to, overlaps]),
    [
      [0, 5, [0, 2]],
      [5, 7, [2]],
    ],
  );
  assert.match(events.texts(), /receive 1 gave 5 bytes: all of message 1, the beginning of message 3/);
  assert.match(events.texts(), /receive 2 gave 2 bytes: the end of message 3/);
});

test("half an emoji alone is no text, and text() waits for the other half", async () => {
  const { events } = await ran(order({ messages: ["👋"], readBytes: 2 }));
  const chunks = events.of("chunk");
  assert.deepEqual(
    chunks.map(({ hex }) => hex),
    ["f09f", "918b"],
  );
  for (const { text, error } of chunks) {
    assert.match(text, /^\ufffd+$/);
    assert.match(String(error), /invalid UTF-8/);
  }
  assert.deepEqual(
    events.of("message").map(({ reader, text }) => [reader, text]),
    [["text", "👋"]],
  );
});

test("with a framing, receive gives the messages again, however they were cut", async () => {
  for (const framing of ["lines", "length4"] as const) {
    const given = order({ framing, readBytes: 1 });
    const { events } = await ran(given);
    const framed = events.of("message");
    assert.deepEqual(
      framed.map(({ text }) => text),
      given.messages,
    );
    assert.ok(framed.every(({ reader }) => reader === "framed"));
  }
});

test("a message that the framing cannot carry is refused, and the others are sent", async () => {
  const { events } = await ran(order({ framing: "lines", messages: ["a", "b\nc", "d"] }));
  const [refused] = events.of("refused");
  assert.equal(refused?.message, 1);
  assert.match(String(refused?.error), /holds a line break/);
  assert.deepEqual(
    events.of("message").map(({ text }) => text),
    ["a", "d"],
  );
});

suite("aborted half-way it leaves nothing open", () => {
  for (const n of [1, 2, 4, 6, 9]) {
    test(`at event ${n}`, () =>
      abortedAt<"bytes">(n, (emit, signal) =>
        runBytes(order({ readBytes: 4, pauseMs: 5 }), emit, { signal }),
      ));
  }
});
