import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { type LabEvent, type LabName, labNames, runLab } from "../../../src/hub.js";
import { UsageError } from "../../../src/index.js";

const orders: { readonly [Name in LabName]: unknown } = {
  bytes: { messages: ["a"], framing: "none", readBytes: 1 },
  life: { steps: ["listen"] },
  cut: { how: "reset", messages: 10 },
  kinds: { messages: 10, lossPercent: 0, seed: 1 },
};

suite("by its name", () => {
  for (const name of labNames) {
    test(`${name} runs, and tells how it ended`, async () => {
      const told: LabEvent[] = [];
      await runLab(name, orders[name], (event) => void told.push(event));
      assert.equal(told[0]?.event, "began");
      assert.match(String(told.at(-1)?.event), /^(?:ended|result)$/);
    });

    test(`${name} refuses what is no order, before anything happens`, async () => {
      await assert.rejects(
        runLab(name, "nothing", () => assert.fail("it began")),
        UsageError,
      );
    });
  }
});
