import assert from "node:assert/strict";
import { test } from "node:test";

import {
  flagName,
  givenOptions,
  VariableError,
  variableName,
  withDefaults,
} from "../../../src/cli/options/resolve.js";

test("one name makes the flag and the variable", () => {
  assert.equal(flagName("plainQuiet"), "plain-quiet");
  assert.equal(variableName("plainQuiet"), "HOLDFAST_PLAIN_QUIET");
});

test("argv goes before the environment, which goes before the default", () => {
  const env = { HOLDFAST_RETRY: "5", HOLDFAST_IDLE: "2s" };
  const given = givenOptions("connect", { retry: 3 }, env);
  assert.deepEqual(given, { retry: 3, idle: 2_000 });
  const options = withDefaults("connect", given);
  assert.equal(options.retry, 3);
  assert.equal(options.idle, 2_000);
  assert.equal(options.framing, "chunks");
  assert.equal(options.verbose, false);
  assert.equal(options.timeout, undefined);
});

test("a flag's variable may say no, and an empty variable says nothing", () => {
  const env = { HOLDFAST_VERBOSE: "0", HOLDFAST_HEX: "yes", HOLDFAST_IDLE: "" };
  assert.deepEqual(givenOptions("connect", {}, env), { verbose: false, hex: true });
});

test("what can be off is off for a variable that says so", () => {
  assert.deepEqual(givenOptions("hub", {}, { HOLDFAST_PLAIN: "off" }), { plain: false });
});

test("a variable of another command's option is not read", () => {
  assert.deepEqual(givenOptions("completion", {}, { HOLDFAST_IDLE: "nonsense" }), {});
});

test("a variable that is no value is refused by its own name", () => {
  assert.throws(
    () => givenOptions("connect", {}, { HOLDFAST_IDLE: "soon" }),
    (error) => error instanceof VariableError && /HOLDFAST_IDLE is "soon": write it/.test(error.message),
  );
});
