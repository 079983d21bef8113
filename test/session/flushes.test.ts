import assert from "node:assert/strict";
import { test } from "node:test";
import { ClosedError } from "../../src/core/errors.js";
import { Flushes } from "../../src/session/flushes.js";

test("each is settled once what it waits for has arrived, or once it never will be known to have", async () => {
  const flushes = new Flushes();
  flushes.acknowledge(1);
  const settled: string[] = [];
  const waits = [2, 3, 5].map((upTo) =>
    flushes.wait(upTo).then(
      () => settled.push(`${upTo} arrived`),
      (error: Error) => settled.push(`${upTo} ${error.message}`),
    ),
  );
  flushes.acknowledge(3);
  await waits[1];
  assert.deepEqual(settled, ["2 arrived", "3 arrived"]);
  flushes.fail(new ClosedError("is lost"));
  await Promise.all(waits);
  assert.deepEqual(settled.at(-1), "5 is lost");
});
