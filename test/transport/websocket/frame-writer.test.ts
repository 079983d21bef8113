// Frames on their way out: what `ws` reads of them, at every length where the form changes, and how many writes they cost.

import assert from "node:assert/strict";
import type net from "node:net";
import type { Writable } from "node:stream";
import { test } from "node:test";
import * as ws from "ws";
import { applyMask, FrameWriter } from "../../../src/transport/websocket/frame-writer.js";

/** What `ws` reads with, which its types leave out. */
const { Receiver } = ws as unknown as { readonly Receiver: new (options: object) => Writable };

/** A socket that keeps what is written, and takes it at once unless it is told otherwise. */
class Wire {
  readonly writes: Buffer[] = [];
  writableLength = 0;
  isSlow = false;

  write(chunk: Uint8Array, onWrote: () => void): void {
    // The memory of a write under way must stay as it is.
    this.writes.push(this.isSlow ? (chunk as Buffer) : Buffer.from(chunk));
    if (this.isSlow) this.writableLength += chunk.length;
    process.nextTick(onWrote);
  }

  get bytes(): Buffer {
    return Buffer.concat(this.writes);
  }
}

function writerTo(wire: Wire, isMasked: boolean, onWrote: () => void = () => {}): FrameWriter {
  return new FrameWriter(wire as unknown as net.Socket, isMasked, onWrote);
}

/** The messages that a peer finds in these bytes. */
function readBy(isServer: boolean, bytes: Uint8Array): [data: string, isBinary: boolean][] {
  const messages: [string, boolean][] = [];
  const receiver = new Receiver({ isServer, allowSynchronousEvents: true });
  receiver.on("message", (data: Buffer, isBinary: boolean) =>
    messages.push([data.toString("hex"), isBinary]),
  );
  receiver.on("error", (error: Error) => assert.fail(error));
  receiver.write(Buffer.from(bytes));
  return messages;
}

const lengths = [0, 1, 2, 3, 4, 5, 7, 8, 124, 125, 126, 127, 128, 65_534, 65_535, 65_536, 65_537, 200_001];

function patterned(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + length) & 0x7f);
}

for (const isMasked of [false, true]) {
  const name = isMasked ? "a client's" : "a server's";
  test(`${name} messages of every form are read as they were`, () => {
    for (const offset of [0, 1, 2, 3]) {
      const wire = new Wire();
      const writer = writerTo(wire, isMasked);
      // Moves all that follow to another alignment.
      writer.add(patterned(offset), false, true);
      for (const length of lengths) writer.add(patterned(length), length % 2 === 0, true);
      writer.flush();
      const expected = [offset, ...lengths].map((length) => Buffer.from(patterned(length)).toString("hex"));
      const read = readBy(isMasked, wire.bytes);
      assert.deepEqual(
        read.map(([data]) => data),
        expected,
      );
      assert.deepEqual(
        read.slice(1).map(([, isBinary]) => isBinary),
        lengths.map((length) => length % 2 === 1),
      );
    }
  });
}

test("parts of a message are one message, of the first part's kind", () => {
  const wire = new Wire();
  const writer = writerTo(wire, false);
  writer.add(Uint8Array.of(1), true, false);
  writer.add(Uint8Array.of(2), true, false);
  writer.add(new Uint8Array(0), true, true);
  writer.add(Uint8Array.of(3), false, true);
  writer.flush();
  assert.deepEqual([...wire.bytes], [0x01, 1, 1, 0x00, 1, 2, 0x80, 0, 0x82, 1, 3]);
});

test("all of a turn leaves in one write, and nothing in none", () => {
  const wire = new Wire();
  const writer = writerTo(wire, false);
  for (let count = 0; count < 900; count += 1) writer.add(new Uint8Array(64), false, true);
  assert.equal(wire.writes.length, 0);
  writer.flush();
  writer.flush();
  assert.equal(wire.writes.length, 1);
  assert.equal(wire.bytes.length, 900 * 66);
});

test("memory that the socket still has is not written to", () => {
  const wire = new Wire();
  wire.isSlow = true;
  const writer = writerTo(wire, false);
  for (const size of [10, 5_000, 70_000]) {
    for (const fill of [1, 2, 3]) {
      writer.add(new Uint8Array(size).fill(fill), false, true);
      writer.flush();
      assert.ok(writer.isWriting);
    }
  }
  for (const [index, write] of wire.writes.entries()) assert.equal(write.at(-1), (index % 3) + 1);
});

test("each write is told of when it is done", async () => {
  let done = 0;
  const writer = writerTo(new Wire(), true, () => {
    done += 1;
  });
  writer.add(Uint8Array.of(1), false, true);
  writer.flush();
  assert.equal(done, 0);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(done, 1);
});

test("a mask is laid over bytes of any place and length", () => {
  const mask = Buffer.from([0x11, 0x82, 0x03, 0xf4]);
  for (let start = 0; start < 6; start += 1) {
    for (let length = 0; length < 20; length += 1) {
      const bytes = new Uint8Array(40).fill(0xaa);
      applyMask(bytes, start, start + length, mask.readInt32LE());
      const expected = Array.from({ length: 40 }, (_, at) =>
        at < start || at >= start + length ? 0xaa : 0xaa ^ (mask[(at - start) & 3] ?? 0),
      );
      assert.deepEqual([...bytes], expected, `${length} bytes at ${start}`);
    }
  }
});

test("what others have written to the socket is not waited for", async () => {
  const wire = new Wire();
  const writer = writerTo(wire, false);
  wire.writableLength = 2;
  assert.equal(writer.isWriting, false);
  writer.add(patterned(8), false, true);
  writer.flush();
  assert.equal(writer.isWriting, true);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(writer.isWriting, false);
});
