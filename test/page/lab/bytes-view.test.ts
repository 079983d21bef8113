import assert from "node:assert/strict";
import { test } from "node:test";
import type { LabEvent } from "../../../src/hub.js";
import { bytesView, type Cell, readSizes } from "../../../src/page/lab/bytes-view.js";

/** "Hi" and "é\n" sent, read three bytes at a time: the é is cut. */
const events: readonly LabEvent<"bytes">[] = [
  event("began", { readers: ["bytes", "framed"] }),
  event("sent", { reader: "bytes", message: 0, from: 0, to: 2, hex: "4869", text: "Hi" }),
  event("sent", { reader: "bytes", message: 1, from: 2, to: 5, hex: "c3a90a", text: "é\n" }),
  event("chunk", {
    reader: "bytes",
    n: 0,
    from: 0,
    to: 3,
    hex: "4869c3",
    text: "Hi\ufffd",
    overlaps: [0, 1],
    error: "cut",
  }),
  event("chunk", { reader: "bytes", n: 1, from: 3, to: 5, hex: "a90a", text: "\ufffd\n", overlaps: [1] }),
  event("ended", { reader: "bytes", bytes: 5, received: 2 }),
  event("refused", { reader: "framed", message: 1, error: "a line break within a line" }),
  event("message", { reader: "framed", n: 0, text: "Hi" }),
];

test("each byte has the colour of the message that it came from, sent and received", () => {
  const [bytes] = bytesView(events).readers;
  assert.deepEqual(bytes?.sends.map(drawn), ["H0 i0", "·1 ·1 ⏎1"]);
  assert.deepEqual(bytes?.chunks.map(drawn), ["H0 i0 ·1", "·1 ⏎1"]);
  assert.deepEqual(
    bytes?.chunks.map(({ error }) => error),
    ["cut", undefined],
  );
  assert.equal(bytes?.received, 2);
});

test("a reader's messages are its own, and what the framing refuses is said once", () => {
  const view = bytesView([
    ...events,
    event("refused", { reader: "framed", message: 2, error: "a line break within a line" }),
  ]);
  assert.deepEqual(
    view.readers.map(({ reader, messages, received }) => [reader, messages, received]),
    [
      ["bytes", [], 2],
      ["framed", ["Hi"], undefined],
    ],
  );
  assert.deepEqual(view.refused, ["a line break within a line"]);
});

test("a byte that nobody is known to have sent has no colour; a space is seen", () => {
  const [reader] = bytesView([
    event("began", { readers: ["text"] }),
    event("chunk", { reader: "text", n: 0, from: 9, to: 10, hex: "20", text: " ", overlaps: [] }),
  ]).readers;
  assert.deepEqual(reader?.chunks.map(drawn), ["␣"]);
});

test("before the first event there is nothing", () => {
  assert.deepEqual(bytesView([]), { readers: [], refused: [] });
});

test("the slider goes from 1 to 1024, finer where it matters", () => {
  assert.deepEqual([readSizes.at(0), readSizes.at(-1)], [1, 1_024]);
  assert.deepEqual(
    [...readSizes].sort((one, other) => one - other),
    readSizes,
  );
});

function drawn({ cells }: { readonly cells: readonly Cell[] }): string {
  return cells.map(({ sign, message }) => `${sign}${message ?? ""}`).join(" ");
}

function event(name: string, data: object): LabEvent<"bytes"> {
  return { atMs: 1, who: "lab", event: name, text: "", data } as LabEvent<"bytes">;
}
