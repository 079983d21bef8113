import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { columns, type Order, reordered, rowsOf, sorted, totalsOf } from "../../../src/page/live/columns.js";
import { socketOf } from "../../support/snapshots.js";

const rows = rowsOf(
  [
    socketOf({ id: 1, remote: "tcp://127.0.0.1:9", ageMs: 500, roundTripMs: 3 }),
    socketOf({ id: 2, remote: "tcp://127.0.0.1:10", ageMs: 90_000, state: "closing" }),
    socketOf({ id: 3, remote: "tcp://127.0.0.1:8", ageMs: 500, roundTripMs: 0.5, silentMs: 12_000 }),
  ],
  new Map([[2, { messagesPerSecond: 2.5, bytesPerSecond: 1_500 }]]),
);

suite("sorted by", () => {
  const orders: [order: Order, ids: number[]][] = [
    [{ column: "age", isDescending: false }, [1, 3, 2]],
    [{ column: "age", isDescending: true }, [2, 1, 3]],
    [{ column: "peer", isDescending: false }, [3, 1, 2]],
    [{ column: "trip", isDescending: false }, [3, 1, 2]],
    [{ column: "trip", isDescending: true }, [1, 3, 2]],
    [{ column: "state", isDescending: false }, [2, 1, 3]],
    [{ column: "bytes", isDescending: true }, [2, 1, 3]],
    [{ column: "none such", isDescending: true }, [1, 2, 3]],
  ];
  for (const [order, ids] of orders) {
    test(`${order.column}, ${order.isDescending ? "down" : "up"}`, () => {
      assert.deepEqual(
        sorted(rows, order).map(({ socket }) => socket.id),
        ids,
      );
    });
  }
});

test("each column says something short of every row", () => {
  const [first, second] = rows.map((row) => columns.map((column) => column.show(row)));
  const [one, two] = ["tcp://127.0.0.1:9", "tcp://127.0.0.1:10"];
  assert.deepEqual(first, [one, "open", "500 ms", "0", "0 B", "0 B", "0 B", "3 ms", "–"]);
  assert.deepEqual(second, [two, "closing", "1 m 30 s", "2.5", "1.5 kB", "0 B", "0 B", "–", "–"]);
});

test("a column's title sorts by it, and again turns it round", () => {
  const first = reordered({ column: "age", isDescending: true }, "bytes");
  assert.deepEqual(first, { column: "bytes", isDescending: false });
  assert.deepEqual(reordered(first, "bytes"), { column: "bytes", isDescending: true });
});

test("a row's totals are a sentence", () => {
  const [row] = rowsOf([socketOf({ id: 1, messagesIn: 1_200, bytesIn: 30_000 })], new Map());
  assert.ok(row !== undefined);
  assert.equal(totalsOf(row), "in 1,200 messages, 30 kB; out 0 messages, 0 B");
});
