import assert from "node:assert/strict";
import { test } from "node:test";

import { progressLine } from "../../../src/cli/report/progress.js";

const mebibyte = 1_048_576;

test("the line says what moved in each direction, and how fast both together", () => {
  assert.equal(progressLine(10 * mebibyte, 0, 2_000), "10.0 MiB sent, 5.0 MiB/s");
  assert.equal(progressLine(0, 3 * mebibyte, 1_500), "3.0 MiB received, 2.0 MiB/s");
  assert.equal(progressLine(512, 512, 1_000), "512 B sent, 512 B received, 1.0 KiB/s");
});

test("a transfer that is young, or moved nothing, has no line", () => {
  assert.equal(progressLine(mebibyte, 0, 999), undefined);
  assert.equal(progressLine(0, 0, 60_000), undefined);
});
