import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { CommanderError } from "commander";

import { CommandFailure, exitCodeOf, explain, type FailureOptions } from "../../src/cli/failure.js";
import { VariableError } from "../../src/cli/options/resolve.js";
import { DisconnectedError, UsageError } from "../../src/index.js";

/** What is said on stderr. */
async function said(t: TestContext, error: unknown): Promise<string> {
  const write = t.mock.method(process.stderr, "write", () => true);
  await explain(error);
  write.mock.restore();
  return write.mock.calls.map(({ arguments: [text] }) => String(text)).join("");
}

function failed(cause: unknown, options: FailureOptions = {}): CommandFailure {
  return new CommandFailure(cause, options);
}

test("wrong usage is 2, wherever it was found; all else is 1; help is no failure", async () => {
  assert.equal(await exitCodeOf(new CommanderError(1, "commander.unknownOption", "unknown")), 2);
  assert.equal(await exitCodeOf(new CommanderError(0, "commander.help", "help")), 0);
  assert.equal(await exitCodeOf(new VariableError("soon")), 2);
  assert.equal(await exitCodeOf(new UsageError("cannot work")), 2);
  assert.equal(await exitCodeOf(failed(new UsageError("cannot work"))), 2);
  assert.equal(await exitCodeOf(failed(new UsageError("taken", {}, "ERR_ADDRESS_IN_USE"))), 1);
  assert.equal(await exitCodeOf(failed(new DisconnectedError("ERR_CONNECTION_RESET", "reset"))), 1);
  assert.equal(await exitCodeOf(failed(new TypeError("oops"))), 1);
});

test("what is worded for people is said as it is, and commander speaks for itself", async (t) => {
  assert.equal(await said(t, failed(new UsageError("cannot work"))), "holdfast: cannot work\n");
  assert.equal(await said(t, new VariableError("it is soon")), "holdfast: it is soon\n");
  const system = Object.assign(new Error("EACCES: open 'x'"), { syscall: "open" });
  assert.equal(await said(t, failed(system, { verbose: false })), "holdfast: EACCES: open 'x'\n");
  assert.equal(await said(t, failed("a text")), "holdfast: a text\n");
  assert.equal(await said(t, new CommanderError(1, "commander.unknownOption", "unknown")), "");
});

test("what nobody expected is one line, which says how to see where it comes from", async (t) => {
  const error = new TypeError("oops");
  const line = "holdfast: unexpected TypeError: oops";
  assert.equal(await said(t, failed(error, { verbose: false })), `${line}; -v tells where it comes from\n`);
  assert.equal(
    await said(t, failed(error, { logLevel: "info" })),
    `${line}; --log-level debug tells where it comes from\n`,
  );
  assert.equal(await said(t, failed(error)), `${line}\n`);
  assert.match(await said(t, failed(error, { verbose: true })), /^holdfast: TypeError: oops\n +at /);
  assert.match(await said(t, failed(error, { logLevel: "debug" })), /^holdfast: TypeError: oops\n +at /);
});

test("with --json it is an event", async (t) => {
  const record = JSON.parse(await said(t, failed(new UsageError("cannot work"), { json: true })));
  assert.deepEqual([record.event, record.code, record.message], ["failed", "ERR_USAGE", "cannot work"]);
});
