// Much data between two processes: all of it arrives, and neither holds much of it at any time.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "./programs.js";

const mebibyte = 1_048_576;
/** `HOLDFAST_TEST_LONG=1` moves 1 GiB. */
const long = process.env.HOLDFAST_TEST_LONG === "1";
/** The receiver takes 90 MiB on Node 20 and 22. The collector of 24 comes later: 135 to 158 were seen. */
const peakMebibytes = Number(process.versions.node.split(".")[0]) < 24 ? 150 : 200;
const peakMax = peakMebibytes * mebibyte;

interface Result {
  readonly sha256: string;
  readonly peakBytes: number;
}

for (const [scheme, shortBytes] of [
  ["tcp", 256 * mebibyte],
  ["unix", 64 * mebibyte],
] as const) {
  const total = long ? 1_024 * mebibyte : shortBytes;
  test(`${total / mebibyte} MiB over ${scheme} arrive as they were sent, in less than ${peakMebibytes} MiB on both sides`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "holdfast-transfer-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const sender = run(
      t,
      "pour",
      scheme === "tcp" ? "tcp://127.0.0.1:0" : `unix:${folder}/socket`,
      String(total),
    );
    const { endpoint } = await sender.json<{ endpoint: string }>();
    const receiver = run(t, "hash", endpoint);
    const [sent, received] = await Promise.all([sender.json<Result>(), receiver.json<Result>()]);
    assert.equal(received.sha256, sent.sha256);
    t.diagnostic(`peak: sender ${inMebibytes(sent)} MiB, receiver ${inMebibytes(received)} MiB`);
    assert.ok(sent.peakBytes < peakMax, `the sender took ${inMebibytes(sent)} MiB`);
    assert.ok(received.peakBytes < peakMax, `the receiver took ${inMebibytes(received)} MiB`);
  });
}

function inMebibytes({ peakBytes }: Result): number {
  return Math.round(peakBytes / mebibyte);
}
