// What is kept until it is acknowledged, and the memory that it lies in.

import assert from "node:assert/strict";
import { test } from "node:test";
import { frameTypes, headerBytes, lastFlag } from "../../../src/protocol/session/frames.js";
import { costOf, Outbox } from "../../../src/protocol/session/outbox.js";
import { Violation } from "../../../src/protocol/session/violation.js";
import { joined, seeded } from "../../../src/testing/cuts.js";
import { PoisonedSlabs } from "../../support/poisoned-slabs.js";
import { frame, none, text } from "../../support/session-side.js";

const { data, end, abort } = frameTypes;
const ignore = () => {};

/** An outbox whose slabs are this small, so that frames lie across several. */
function outboxOf(slabBytes: number, bytesMax = 4_096) {
  const slabs = new PoisonedSlabs(() => 0.99, slabBytes);
  return { slabs, outbox: new Outbox(bytesMax, slabs) };
}

function written(outbox: Outbox): Uint8Array {
  const pieces: Uint8Array[] = [];
  while (outbox.unwritten > 0) {
    const writing = outbox.next(false);
    pieces.push(writing.bytes.slice());
    writing.release();
  }
  return joined(pieces);
}

function violation(code: string) {
  return (error: unknown) => error instanceof Violation && error.code === code;
}

test("frames leave as they go over the wire, whatever the slabs that they lie in", () => {
  for (const slabBytes of [12, 13, 20, 40, 4_096]) {
    const { outbox } = outboxOf(slabBytes);
    outbox.append(data, 0, text("hello"), none);
    outbox.append(data, 3, text("a head "), text("and a message that is longer than a slab"));
    outbox.append(end, 3, none, none);
    const expected = joined([
      frame("data", { seq: 1, payload: text("hello") }),
      frame("data", { seq: 2, stream: 3, payload: text("a head and a message that is longer than a slab") }),
      frame("end", { seq: 3, stream: 3 }),
    ]);
    assert.equal(outbox.unwritten, expected.length);
    assert.deepEqual(written(outbox), expected, `slabs of ${slabBytes}`);
    assert.deepEqual(
      [...outbox.frames()].map(({ type, stream, payload }) => [type, stream, payload.length]),
      [
        [data, 0, 5],
        [data, 3, 47],
        [end, 3, 0],
      ],
    );
    assert.deepEqual([...outbox.frames()][1]?.payload, expected.subarray(29, 76));
  }
});

test("a frame costs its payload, 64 at least, and END and ABORT nothing", () => {
  const { outbox } = outboxOf(4_096, 128);
  assert.equal(costOf(0), 64);
  assert.equal(costOf(65), 65);
  outbox.append(data, 0, none, none);
  assert.equal(outbox.usedBytes, 64);
  assert.ok(outbox.hasRoom(64));
  assert.ok(!outbox.hasRoom(65));
  outbox.append(data, 0, text("x".repeat(64)), none);
  assert.ok(!outbox.hasRoom(0));
  outbox.append(end, 1, none, none);
  outbox.append(abort, 3, text("{}"), none);
  assert.equal(outbox.usedBytes, 128);
  written(outbox);
  outbox.acknowledge(4, ignore);
  assert.equal(outbox.usedBytes, 0);
});

test("what there is no room for is a mistake of our own", () => {
  const { outbox } = outboxOf(4_096, 128);
  assert.throws(() => outbox.append(data, 0, new Uint8Array(129), none), /holds more than it may/);
  assert.throws(() => outboxOf(40).outbox.next(false), /nothing to write/);
});

test("an acknowledgement frees memory, and tells of streams whose last frame it was", () => {
  const { outbox, slabs } = outboxOf(20);
  const over: number[] = [];
  outbox.append(data | lastFlag, 1, text("last"), none);
  outbox.append(data, 3, text("a message over some slabs"), none);
  outbox.append(end, 3, none, none);
  outbox.append(abort, 5, none, none);
  written(outbox);
  outbox.acknowledge(1, (stream) => over.push(stream));
  assert.deepEqual(over, [1]);
  outbox.acknowledge(4, (stream) => over.push(stream));
  assert.deepEqual(over, [1, 3, 5]);
  assert.equal(outbox.acknowledged, 4);
  assert.equal(slabs.taken, 0);
  outbox.append(data, 0, text("again"), none);
  assert.deepEqual(written(outbox), frame("data", { seq: 5, payload: text("again") }));
});

test("an acknowledgement of what was never sent, or not on this link, is a violation", () => {
  const { outbox } = outboxOf(4_096);
  outbox.append(data, 0, text("one"), none);
  assert.throws(() => outbox.acknowledge(2, ignore), violation("unsent"));
  assert.throws(() => outbox.acknowledge(1, ignore), violation("unsent"));
  written(outbox);
  outbox.acknowledge(1, ignore);
  outbox.append(data, 0, text("two"), none);
  written(outbox);
  outbox.rewind(1, ignore);
  assert.throws(() => outbox.acknowledge(2, ignore), violation("unsent"));
});

test("a new link is given all that was not received, byte for byte", () => {
  const { outbox } = outboxOf(30);
  for (const word of ["one", "two", "a third, which is longer"]) outbox.append(data, 0, text(word), none);
  const whole = written(outbox);
  assert.equal(outbox.unwritten, 0);
  outbox.rewind(1, ignore);
  assert.equal(outbox.acknowledged, 1);
  assert.deepEqual(written(outbox), whole.subarray(headerBytes + 3));
  assert.throws(() => outbox.rewind(0, ignore), violation("forgotten"));
});

test("a peer may have received what was written on any link, and nothing else", () => {
  const { outbox } = outboxOf(12);
  outbox.append(data, 0, text("a frame of three slabs"), none);
  outbox.append(data, 0, none, none);
  assert.ok(outbox.mayHaveArrived(0));
  assert.ok(!outbox.mayHaveArrived(1));
  outbox.next(false).release();
  assert.ok(!outbox.mayHaveArrived(1), "a part of it is not it");
  written(outbox);
  outbox.rewind(0, ignore);
  assert.ok(outbox.mayHaveArrived(2), "on the link before");
  assert.ok(!outbox.mayHaveArrived(3));
  outbox.rewind(1, ignore);
  assert.ok(!outbox.mayHaveArrived(0), "it said so before");
});

test("memory that a write holds is not used again, however late the write ends", () => {
  const { outbox, slabs } = outboxOf(64);
  outbox.append(data, 0, text("held"), none);
  const zombie = outbox.next(false);
  const before = zombie.bytes.slice();
  outbox.rewind(0, ignore);
  const second = outbox.next(false);
  outbox.acknowledge(1, ignore);
  assert.equal(slabs.taken, 1);
  second.release();
  assert.equal(slabs.taken, 1);
  outbox.append(data, 0, text("other memory"), none);
  assert.deepEqual(zombie.bytes, before);
  zombie.release();
  assert.equal(slabs.taken, 1, "that of the second message");
});

test("a link that has begun a frame may be given the rest of it alone", () => {
  const { outbox } = outboxOf(16);
  outbox.append(data, 0, text("0123456789"), none);
  outbox.append(data, 0, none, none);
  assert.ok(outbox.isAtFrame);
  assert.equal(outbox.next(true).bytes.length, 16);
  assert.ok(!outbox.isAtFrame);
  assert.deepEqual(outbox.next(true).bytes, text("456789"));
  assert.ok(outbox.isAtFrame);
  assert.equal(outbox.next(true).bytes.length, headerBytes);
});

test("what is unwritten can be joined to a write of something else", () => {
  const { outbox } = outboxOf(20);
  outbox.append(data, 0, text("0123456789"), none);
  outbox.append(data, 0, text("x"), none);
  const memory = new Uint8Array(outbox.unwritten + 2);
  outbox.copyInto(memory, 2);
  assert.equal(outbox.unwritten, 0);
  assert.deepEqual(
    memory.subarray(2),
    joined([
      frame("data", { seq: 1, payload: text("0123456789") }),
      frame("data", { seq: 2, payload: text("x") }),
    ]),
  );
});

test("whatever is appended, written, acknowledged and begun again comes out as it went in", () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = seeded(seed);
    const slabs = new PoisonedSlabs(random, 12 + Math.floor(random() * 60));
    const outbox = new Outbox(2_000, slabs);
    const frames: Uint8Array[] = [];
    let link: Uint8Array[] = [];
    let first = 0;
    const check = () => {
      const expected = joined(frames.slice(first));
      const seen = joined(link);
      assert.deepEqual(seen, expected.subarray(0, seen.length), `seed ${seed}`);
    };
    for (let step = 0; step < 150; step += 1) {
      const roll = random();
      const size = Math.floor(random() * 120);
      if (roll < 0.4 && outbox.hasRoom(size)) {
        const payload = new Uint8Array(size).fill(step);
        const cut = Math.floor(random() * size);
        outbox.append(data, 0, payload.subarray(0, cut), payload.subarray(cut));
        frames.push(frame("data", { seq: frames.length + 1, payload }));
      } else if (roll < 0.7 && outbox.unwritten > 0) {
        const { bytes, release } = outbox.next(random() < 0.3);
        link.push(bytes.slice());
        release();
        check();
      } else if (roll < 0.9) {
        const bytes = joined(link).length;
        let received = first;
        for (let sum = frames[first]?.length ?? 1; sum <= bytes; sum += frames[received]?.length ?? 1) {
          received += 1;
          if (received === frames.length) break;
        }
        if (received >= outbox.acknowledged) outbox.acknowledge(received, ignore);
      } else if (random() < 0.3) {
        check();
        first = outbox.acknowledged;
        outbox.rewind(first, ignore);
        link = [];
      }
    }
    link.push(written(outbox));
    check();
    outbox.acknowledge(frames.length, ignore);
    assert.equal(slabs.taken, 0, `seed ${seed}`);
  }
});
