import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { Writer } from "../../src/connection/writer.js";
import { ClosedError } from "../../src/core/errors.js";
import type { ByteStream } from "../../src/transport/byte-stream.js";

const none = new Uint8Array(0);
const nextTick = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A stream that records what is written, at once or, while `slow`, when told to. */
class RecordingStream implements ByteStream {
  readonly id = 1;
  readonly local = "memory:here";
  readonly remote = "memory:there";
  readonly writes: Uint8Array[] = [];
  slow = false;
  ended = false;
  underWay = 0;

  start(): void {}
  pause(): void {}
  resume(): void {}
  abort(): void {}

  write(chunk: Uint8Array): boolean {
    assert.ok(chunk.length > 0, "an empty write");
    assert.equal(this.underWay, 0, "two writes under way");
    assert.ok(!this.ended, "a write after the end");
    this.writes.push(Uint8Array.from(chunk));
    if (this.slow) this.underWay = 1;
    return !this.slow;
  }

  end(): void {
    assert.equal(this.underWay, 0, "ended before the write was done");
    this.ended = true;
  }

  get bytes(): Uint8Array {
    return Uint8Array.from(this.writes.flatMap((write) => [...write]));
  }
}

function writerOver(stream: RecordingStream, sendBufferBytes = 524_288): Writer {
  return new Writer(stream, { sendBufferBytes, sendCallsMax: 1_024 });
}

function written(stream: RecordingStream, writer: Writer): void {
  stream.underWay = 0;
  writer.written();
}

test("frames of one turn leave in one write, header, payload and trailer in order", async () => {
  const stream = new RecordingStream();
  const writer = writerOver(stream);
  writer.take(Uint8Array.of(1), Uint8Array.of(2, 3), Uint8Array.of(4));
  writer.take(none, Uint8Array.of(5), none);
  assert.equal(stream.writes.length, 0);
  await nextTick();
  assert.deepEqual(stream.writes, [Uint8Array.of(1, 2, 3, 4, 5)]);
  assert.deepEqual([writer.bytesSent, writer.framesTaken, writer.pendingBytes], [5, 2, 0]);
});

test("64 KiB leave at once, before the turn ends", async () => {
  const stream = new RecordingStream();
  const writer = writerOver(stream);
  for (let count = 0; count < 65; count += 1) writer.take(none, new Uint8Array(1_024).fill(count), none);
  assert.deepEqual(
    stream.writes.map((write) => write.length),
    [65_536],
  );
  await nextTick();
  assert.deepEqual(
    stream.writes.map((write) => write.length),
    [65_536, 1_024],
  );
  assert.ok(stream.writes[1]?.every((byte) => byte === 64));
});

test("behind a write under way frames queue up to the bound; then calls wait, and go in order", async () => {
  const stream = new RecordingStream();
  stream.slow = true;
  const writer = writerOver(stream, 10);
  writer.take(none, Uint8Array.of(0, 0, 0, 0, 0, 0), none);
  await nextTick();
  writer.take(none, Uint8Array.of(1, 1, 1, 1), none);
  assert.equal(writer.hasRoom, false);
  const order: number[] = [];
  const waits = [2, 3].map((value) =>
    writer
      .wait({ header: none, payload: Uint8Array.of(value), trailer: none }, undefined)
      .then(() => order.push(value)),
  );
  assert.equal(writer.pendingBytes, 12);
  await nextTurn();
  assert.deepEqual(order, []);
  written(stream, writer);
  await Promise.all(waits);
  assert.deepEqual(order, [2, 3]);
  written(stream, writer);
  await nextTick();
  written(stream, writer);
  await nextTick();
  assert.deepEqual([...stream.bytes], [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 3]);
  assert.equal(writer.pendingBytes, 0);
});

test("what was taken in one turn is bounded even if the kernel takes everything", async () => {
  const stream = new RecordingStream();
  const writer = writerOver(stream, 100);
  writer.take(none, new Uint8Array(100), none);
  await nextTick();
  assert.equal(writer.pendingBytes, 0);
  assert.equal(writer.hasRoom, false, "the event loop has not turned");
  await nextTurn();
  assert.equal(writer.hasRoom, true);
});

test("end comes behind everything, the waiting ones included", async () => {
  const stream = new RecordingStream();
  stream.slow = true;
  const writer = writerOver(stream, 4);
  writer.take(none, Uint8Array.of(1, 2, 3, 4), none);
  const waiting = writer.wait({ header: none, payload: Uint8Array.of(5), trailer: none }, undefined);
  const ending = writer.end();
  await nextTurn();
  assert.equal(stream.ended, false);
  written(stream, writer);
  await waiting;
  await nextTurn();
  written(stream, writer);
  await ending;
  assert.equal(stream.ended, true);
  assert.deepEqual([...stream.bytes], [1, 2, 3, 4, 5]);
});

test("an end that waits only for an aborted send comes when that is gone", async () => {
  const stream = new RecordingStream();
  stream.slow = true;
  const writer = writerOver(stream, 4);
  writer.take(none, Uint8Array.of(1, 2, 3, 4), none);
  await nextTick();
  const stop = new AbortController();
  const waiting = writer.wait({ header: none, payload: Uint8Array.of(5), trailer: none }, stop.signal);
  const ending = writer.end();
  stop.abort(new Error("never mind"));
  await assert.rejects(waiting, { message: "never mind" });
  written(stream, writer);
  await ending;
  assert.deepEqual([...stream.bytes], [1, 2, 3, 4]);
});

test("when it stops, waiting calls reject, nothing is pending, and an end no longer waits", async () => {
  const stream = new RecordingStream();
  stream.slow = true;
  const writer = writerOver(stream, 4);
  writer.take(none, Uint8Array.of(1, 2, 3, 4), none);
  const waiting = writer.wait({ header: none, payload: Uint8Array.of(5), trailer: none }, undefined);
  const ending = writer.end();
  writer.stop(new ClosedError("over"));
  await assert.rejects(waiting, { name: "ClosedError" });
  await ending;
  assert.equal(writer.pendingBytes, 0);
});

test("whatever the sizes and however slow the stream, the bytes are those that were sent", async () => {
  const lengths = fc.array(fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 150_000 })), {
    maxLength: 12,
  });
  const slowness = fc.array(fc.boolean(), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(lengths, slowness, async (sizes, slow) => {
      const stream = new RecordingStream();
      const writer = writerOver(stream, 100_000);
      const expected: Uint8Array[] = [];
      let ended = false;
      const sending = (async () => {
        for (const [index, size] of sizes.entries()) {
          stream.slow = slow[index % slow.length] ?? false;
          const payload = new Uint8Array(size).map((_, position) => (position * 31 + index) % 256);
          const frame = { header: Uint8Array.of(index), payload, trailer: Uint8Array.of(255) };
          expected.push(frame.header, payload, frame.trailer);
          if (writer.hasRoom) writer.take(frame.header, frame.payload, frame.trailer);
          else await writer.wait(frame, undefined);
        }
        await writer.end();
        ended = true;
      })();
      for (let round = 0; round < 1_000 && !ended; round += 1) {
        await nextTurn();
        if (stream.underWay > 0) written(stream, writer);
      }
      assert.equal(ended, true, "the end never came");
      await sending;
      assert.ok(Buffer.concat(stream.writes).equals(Buffer.concat(expected)));
      assert.equal(writer.pendingBytes, 0);
    }),
    { numRuns: 40 },
  );
});
