// Reporting a mistake in a user's callback: seen on every platform, and never an end of the process.

import assert from "node:assert/strict";
import { test } from "node:test";

import { reportMistake } from "../../src/core/report.js";

test("a mistake becomes a process warning, whatever was thrown", async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => void warnings.push(warning);
  process.on("warning", onWarning);
  const mistake = new Error("a mistake");
  const odd = Object.create(null);
  for (const thrown of [mistake, "a text", odd, undefined]) reportMistake(thrown);
  await new Promise((resolve) => setImmediate(resolve));
  process.removeListener("warning", onWarning);
  assert.equal(warnings[0], mistake);
  assert.equal(warnings[1]?.message, "a text");
  assert.equal(warnings[2]?.cause, odd);
  assert.equal(warnings.length, 4);
});

test("where there is no process, it goes to the platform's own report; where there is neither, nothing breaks", (t) => {
  const { process } = globalThis;
  const reported: unknown[] = [];
  Object.defineProperty(globalThis, "process", { value: undefined, configurable: true });
  t.after(() => Object.defineProperty(globalThis, "process", { value: process, configurable: true }));
  reportMistake("unseen");
  Object.assign(globalThis, { reportError: (error: unknown) => reported.push(error) });
  t.after(() => Reflect.deleteProperty(globalThis, "reportError"));
  reportMistake("seen");
  Object.defineProperty(globalThis, "process", { value: process, configurable: true, writable: true });
  assert.deepEqual(reported, ["seen"]);
});
