// The bounded queue between something that pushes and one reader: order, bound, end, and what an abort leaves.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { suite, test } from "node:test";
import fc from "fast-check";
import { AsyncQueue } from "../../src/core/async-queue.js";
import { BusyError } from "../../src/core/errors.js";

test("items come out in the order in which they went in", async () => {
  const queue = new AsyncQueue<number>();
  for (const item of [1, 2, 3]) assert.equal(queue.push(item), true);
  assert.equal(queue.size, 3);
  assert.deepEqual([await queue.take(), await queue.take(), queue.poll()], [1, 2, 3]);
  assert.equal(queue.poll(), undefined);
});

test("a reader that came first gets the item that comes next", async () => {
  const queue = new AsyncQueue<string>();
  const taking = queue.take();
  assert.equal(queue.push("a"), true);
  assert.equal(queue.size, 0);
  assert.equal(await taking, "a");
});

test("a full queue takes no more until there is room, and says so", async () => {
  const queue = new AsyncQueue<number>(2);
  assert.deepEqual([queue.push(1), queue.push(2), queue.push(3)], [true, true, false]);
  assert.equal(await queue.take(), 1);
  assert.equal(queue.push(4), true);
  assert.deepEqual([queue.poll(), queue.poll(), queue.poll()], [2, 4, undefined]);
});

test("a second reader is told that another one waits, and the first keeps its place", async () => {
  const queue = new AsyncQueue<string>();
  const first = queue.take();
  await assert.rejects(queue.take(), BusyError);
  queue.push("a");
  assert.equal(await first, "a");
});

suite("the end", () => {
  test("what was queued before it is still read, then undefined for ever", async () => {
    const queue = new AsyncQueue<string>();
    queue.push("a");
    queue.end();
    assert.equal(queue.push("late"), false);
    assert.deepEqual(
      [await queue.take(), await queue.take(), await queue.take()],
      ["a", undefined, undefined],
    );
  });

  test("an error too comes after what was queued, and to every later reader", async () => {
    const queue = new AsyncQueue<string>();
    queue.push("a");
    queue.end(new Error("reset"));
    assert.equal(await queue.take(), "a");
    await assert.rejects(queue.take(), { message: "reset" });
    await assert.rejects(queue.take(), { message: "reset" });
  });

  test("it reaches a reader that waits", async () => {
    const clean = new AsyncQueue<string>();
    const taking = clean.take();
    clean.end();
    assert.equal(await taking, undefined);

    const broken = new AsyncQueue<string>();
    const failing = broken.take();
    broken.end(new Error("reset"));
    await assert.rejects(failing, { message: "reset" });
  });

  test("the first end counts", async () => {
    const queue = new AsyncQueue<string>();
    queue.end();
    queue.end(new Error("too late"));
    assert.equal(await queue.take(), undefined);
  });
});

suite("an abort", () => {
  test("rejects with the signal's own reason and ends the wait only", async () => {
    const queue = new AsyncQueue<string>();
    const stop = new AbortController();
    const taking = queue.take({ signal: stop.signal });
    stop.abort(new Error("changed my mind"));
    await assert.rejects(taking, { message: "changed my mind" });
    queue.push("kept");
    assert.equal(queue.size, 1);
    assert.equal(await queue.take(), "kept");
  });

  test("makes room for another reader at once", async () => {
    const queue = new AsyncQueue<string>();
    const stop = new AbortController();
    const taking = queue.take({ signal: stop.signal });
    stop.abort();
    const next = queue.take();
    queue.push("a");
    assert.equal(await next, "a");
    await assert.rejects(taking, { name: "AbortError" });
  });

  test("that came before loses no item", async () => {
    const queue = new AsyncQueue<string>();
    queue.push("a");
    await assert.rejects(queue.take({ signal: AbortSignal.abort(new Error("early")) }), { message: "early" });
    assert.equal(await queue.take(), "a");
  });

  test("that comes after the item changes nothing", async () => {
    const queue = new AsyncQueue<string>();
    const stop = new AbortController();
    const taking = queue.take({ signal: stop.signal });
    queue.push("a");
    stop.abort();
    assert.equal(await taking, "a");
    const next = queue.take();
    queue.push("b");
    assert.equal(await next, "b");
  });

  test("leaves no listener on the signal, however the wait ends", async () => {
    const { signal } = new AbortController();
    const queue = new AsyncQueue<number>();
    for (let item = 0; item < 100; item += 1) {
      const taking = queue.take({ signal });
      assert.equal(getEventListeners(signal, "abort").length, 1);
      queue.push(item);
      assert.equal(await taking, item);
    }
    assert.equal(getEventListeners(signal, "abort").length, 0);

    const last = queue.take({ signal });
    queue.end(new Error("reset"));
    await assert.rejects(last);
    assert.equal(getEventListeners(signal, "abort").length, 0);

    const stop = new AbortController();
    const aborted = new AsyncQueue<number>().take({ signal: stop.signal });
    stop.abort();
    await assert.rejects(aborted);
    assert.equal(getEventListeners(stop.signal, "abort").length, 0);
  });

  test("registers nothing when the item is there already", async () => {
    const { signal } = new AbortController();
    const queue = new AsyncQueue<string>();
    queue.push("a");
    const taking = queue.take({ signal });
    assert.equal(getEventListeners(signal, "abort").length, 0);
    assert.equal(await taking, "a");
  });
});

suite("a loop over the queue", () => {
  test("ends with the queue", async () => {
    const queue = new AsyncQueue<number>();
    for (const item of [1, 2, 3]) queue.push(item);
    queue.end();
    const seen: number[] = [];
    for await (const item of queue) seen.push(item);
    assert.deepEqual(seen, [1, 2, 3]);
  });

  test("can be left, and the rest is still there", async () => {
    const queue = new AsyncQueue<number>();
    for (const item of [1, 2]) queue.push(item);
    for await (const item of queue) {
      assert.equal(item, 1);
      break;
    }
    assert.equal(await queue.take(), 2);
  });

  test("throws the error that ended the queue", async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    queue.end(new Error("reset"));
    const seen: number[] = [];
    const reading = (async () => {
      for await (const item of queue) seen.push(item);
    })();
    await assert.rejects(reading, { message: "reset" });
    assert.deepEqual(seen, [1]);
  });
});

test("however pushes and polls are mixed, it behaves like a plain list with a bound", () => {
  const steps = fc.array(fc.oneof(fc.nat(), fc.constant("poll" as const)), { maxLength: 200 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), steps, (capacity, todo) => {
      const queue = new AsyncQueue<number>(capacity);
      const model: number[] = [];
      for (const step of todo) {
        if (step === "poll") assert.equal(queue.poll(), model.shift());
        else {
          const room = model.length < capacity;
          assert.equal(queue.push(step), room);
          if (room) model.push(step);
        }
        assert.equal(queue.size, model.length);
      }
    }),
  );
});
