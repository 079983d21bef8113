import assert from "node:assert/strict";
import { test } from "node:test";

import { formatBytes, formatMs } from "../../../src/cli/report/units.js";

test("bytes are shown in the largest unit that holds one", () => {
  assert.equal(formatBytes(0), "0 B");
  assert.equal(formatBytes(1_023), "1023 B");
  assert.equal(formatBytes(1_024), "1.0 KiB");
  assert.equal(formatBytes(1_572_864), "1.5 MiB");
  assert.equal(formatBytes(3 * 1_024 ** 3), "3.0 GiB");
  assert.equal(formatBytes(5_000 * 1_024 ** 4), "5000.0 TiB");
});

test("times are shown with three digits that matter", () => {
  assert.equal(formatMs(0.41234), "0.412 ms");
  assert.equal(formatMs(12.34), "12.3 ms");
  assert.equal(formatMs(2), "2 ms");
  assert.equal(formatMs(1_234), "1.23 s");
});
