import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { clockTime, count, duration, rate, several, size } from "../../../src/page/parts/format.js";

suite("a duration is as long as it must be", () => {
  const told: [ms: number, text: string][] = [
    [-3, "0 ms"],
    [0, "0 ms"],
    [0.42, "0.4 ms"],
    [7, "7 ms"],
    [999.4, "999 ms"],
    [1_000, "1.0 s"],
    [2_340, "2.3 s"],
    [9_990, "9 s"],
    [59_999, "59 s"],
    [60_000, "1 m"],
    [200_000, "3 m 20 s"],
    [7_500_000, "2 h 5 m"],
    [86_400_000 * 4 + 3_600_000 * 3, "4 d 3 h"],
  ];
  for (const [ms, text] of told) test(`${ms} ms: ${text}`, () => assert.equal(duration(ms), text));
});

suite("a size counts in thousands", () => {
  const told: [bytes: number, text: string][] = [
    [0, "0 B"],
    [812, "812 B"],
    [999.6, "1.0 kB"],
    [1_240, "1.2 kB"],
    [34_000_000, "34 MB"],
    [5e15, "5000 TB"],
  ];
  for (const [bytes, text] of told) test(`${bytes}: ${text}`, () => assert.equal(size(bytes), text));
});

test("a rate shows a tenth where it is small", () => {
  assert.deepEqual([0, 0.04, 0.4, 3, 12.3, 1_204].map(rate), ["0", "0", "0.4", "3", "12", "1,204"]);
});

test("one and several have words of their own", () => {
  assert.deepEqual(
    [several(1, "cut"), several(2_000, "cut"), several(0, "reply", "replies")],
    ["1 cut", "2,000 cuts", "0 replies"],
  );
  assert.equal(count(1234567), "1,234,567");
});

test("the time of day has two digits everywhere", () => {
  const at = new Date(2026, 0, 2, 4, 5, 6).getTime();
  assert.equal(clockTime(at), "04:05:06");
});
