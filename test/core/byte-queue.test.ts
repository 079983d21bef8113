import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ByteQueue } from "../../src/core/byte-queue.js";
import { countingWork } from "../work.js";

function queueOf(...bytes: number[]): ByteQueue {
  const queue = new ByteQueue();
  queue.append(Uint8Array.from(bytes));
  return queue;
}

test("bytes come out in the order in which they went in, however they were cut", () => {
  const queue = new ByteQueue();
  queue.append(Uint8Array.of(1, 2));
  queue.append(Uint8Array.of(3, 4, 5));
  assert.deepEqual(queue.take(4), Uint8Array.of(1, 2, 3, 4));
  assert.deepEqual(queue.take(1), Uint8Array.of(5));
  assert.equal(queue.size, 0);
});

test("the caller may overwrite what it appended, and what was taken stays as it was", () => {
  const queue = new ByteQueue();
  const view = Uint8Array.of(1, 2, 3);
  queue.append(view);
  view.fill(9);
  const taken = queue.take(2);
  for (let i = 0; i < 100; i += 1) queue.append(Uint8Array.of(7, 7, 7));
  assert.deepEqual(taken, Uint8Array.of(1, 2));
  assert.equal(queue.at(0), 3);
});

test("a Buffer comes out as a plain Uint8Array that shares nothing with it", () => {
  const queue = new ByteQueue();
  const buffer = Buffer.from("abc");
  queue.append(buffer);
  buffer.fill(0);
  const taken = queue.take(3);
  assert.equal(taken.constructor, Uint8Array);
  assert.deepEqual(taken, Uint8Array.of(97, 98, 99));
});

test("a byte is found only in what is unread, counted from the next one", () => {
  const queue = queueOf(5, 0, 6, 5);
  assert.equal(queue.indexOf(5, 0), 0);
  assert.equal(queue.indexOf(5, 1), 3);
  queue.skip(1);
  assert.equal(queue.indexOf(5, 0), 2);
  queue.append(Uint8Array.of(8));
  queue.append(Uint8Array.of(8));
  assert.equal(queue.indexOf(0, 1), -1, "zeros in the room behind the end are not bytes that came");
  assert.equal(queue.indexOf(9, 0), -1);
});

test("a number is read in either byte order, with its highest bit as a bit like the others", () => {
  assert.equal(queueOf(0xff).peekUint(1, false), 0xff);
  assert.equal(queueOf(0xff).peekUint(1, true), 0xff);
  assert.equal(queueOf(1, 2).peekUint(2, false), 0x0102);
  assert.equal(queueOf(1, 2).peekUint(2, true), 0x0201);
  assert.equal(queueOf(0xff, 2, 3, 4).peekUint(4, false), 0xff020304);
  assert.equal(queueOf(1, 2, 3, 0xff).peekUint(4, true), 0xff030201);
});

test("a peek takes nothing", () => {
  const queue = queueOf(0, 1, 42);
  assert.equal(queue.peekUint(2, false), 1);
  assert.deepEqual(queue.peek(), Uint8Array.of(0, 1, 42));
  assert.equal(queue.size, 3);
});

test("an empty append and an empty take change nothing", () => {
  const queue = new ByteQueue();
  queue.append(new Uint8Array(0));
  assert.equal(queue.size, 0);
  assert.equal(queue.take(0).length, 0);
  queue.append(Uint8Array.of(1));
  queue.append(new Uint8Array(0));
  assert.equal(queue.take(0).length, 0);
  assert.deepEqual(queue.take(1), Uint8Array.of(1));
});

test("any run of appends, takes and skips does what it would do to a plain array", () => {
  const step = fc.oneof(
    fc.record({ append: fc.uint8Array({ maxLength: 40 }) }),
    fc.record({ take: fc.nat(40) }),
    fc.record({ skip: fc.nat(40) }),
    fc.record({ find: fc.nat(255), from: fc.nat(40) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new ByteQueue();
      const model: number[] = [];
      for (const action of steps) {
        if ("append" in action) {
          queue.append(action.append);
          model.push(...action.append);
        } else if ("take" in action) {
          const count = Math.min(action.take, model.length);
          assert.deepEqual([...queue.take(count)], model.splice(0, count));
        } else if ("skip" in action) {
          const count = Math.min(action.skip, model.length);
          queue.skip(count);
          model.splice(0, count);
        } else {
          const from = Math.min(action.from, model.length);
          assert.equal(queue.indexOf(action.find, from), model.indexOf(action.find, from));
        }
        assert.equal(queue.size, model.length);
        assert.deepEqual([...queue.peek()], model);
      }
    }),
  );
});

test("a mebibyte that comes one byte at a time is copied a few times over, not once per byte", () => {
  const total = 1_048_576;
  const queue = new ByteQueue();
  const one = Uint8Array.of(1);
  const work = countingWork(() => {
    for (let i = 0; i < total; i += 1) {
      queue.append(one);
      // As a framing that remembers how far it has searched.
      queue.indexOf(2, i);
    }
  });
  assert.equal(queue.size, total);
  assert.ok(work.copied < 4 * total, `${work.copied} bytes copied for ${total}`);
  assert.ok(work.searched < 4 * total, `${work.searched} bytes searched for ${total}`);
});

test("a reader that stays a little behind costs no more than what comes", () => {
  const queue = new ByteQueue();
  const piece = new Uint8Array(100);
  queue.append(new Uint8Array(100_000));
  const work = countingWork(() => {
    for (let i = 0; i < 10_000; i += 1) {
      queue.append(piece);
      queue.take(100);
    }
  });
  assert.ok(work.copied < 4 * 1_000_000, `${work.copied} bytes copied for 1000000`);
});
