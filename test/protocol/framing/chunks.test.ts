import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteQueue } from "../../../src/core/byte-queue.js";
import { chunks } from "../../../src/protocol/framing/chunks.js";
import { framingContract } from "../../../src/testing/framing-contract.js";
import { ascii } from "./framers.js";

framingContract(test, chunks(), {
  frames: [ascii("one"), Uint8Array.of(0, 10, 13, 255), ascii("three\n")],
  examples: [{ frames: [ascii("ab"), ascii("c")], wire: ascii("abc") }],
});

test("all that is queued comes out as one chunk", () => {
  const framer = chunks().open({ frameBytesMax: 4 });
  const input = new ByteQueue();
  input.append(ascii("hello "));
  input.append(ascii("world"));
  assert.deepEqual(framer.decode(input), ascii("hello world"));
  assert.equal(framer.decode(input), undefined);
});

test("what nobody asked for before the end comes out at the end", () => {
  const framer = chunks().open({ frameBytesMax: 4 });
  const input = new ByteQueue();
  input.append(ascii("rest"));
  assert.deepEqual(framer.end(input), ascii("rest"));
  assert.equal(framer.end(input), undefined);
});

test("chunks are bytes unless another encoding is chosen, and keep no boundaries", () => {
  const framing = chunks();
  assert.equal(framing.defaultEncoding.name, "bytes");
  assert.equal(framing.keepsBoundaries, false);
});
