import assert from "node:assert/strict";
import { suite, test } from "node:test";

import type { Option } from "../../../src/cli/options/option.js";
import { formatValue, parseValue, placeholderOf, ValueError } from "../../../src/cli/options/values.js";

function option(kind: Option["kind"], more: Partial<Option> = {}): Option {
  return { kind, says: "", commands: [], ...more };
}

suite("a text is read by its option's kind:", () => {
  const good: [Option, string, unknown][] = [
    [option("duration"), "500ms", 500],
    [option("duration"), "5s", 5_000],
    [option("duration"), "1.5s", 1_500],
    [option("duration"), ".5", 500],
    [option("duration"), "2m", 120_000],
    [option("duration"), "1h", 3_600_000],
    [option("duration"), "3", 3_000],
    [option("duration"), "0", 0],
    [option("duration", { least: 1 }), "1ms", 1],
    [option("duration"), "596h", 2_145_600_000],
    [option("size"), "12", 12],
    [option("size"), "12B", 12],
    [option("size"), "64KiB", 65_536],
    [option("size"), "64k", 65_536],
    [option("size"), "1.5MiB", 1_572_864],
    [option("size"), "2G", 2_147_483_648],
    [option("count"), "0", 0],
    [option("count", { least: 1 }), "7", 7],
    [option("flag"), "1", true],
    [option("flag"), "Yes", true],
    [option("flag"), "off", false],
    [option("choice", { choices: ["a", "b"] }), "b", "b"],
    [option("list"), "a, b,c", ["a", "b", "c"]],
    [option("endpoint"), ":9000", ":9000"],
    [option("text"), "tr a-z A-Z", "tr a-z A-Z"],
  ];
  for (const [row, text, value] of good) {
    test(`${row.kind} ${text}`, () => assert.deepEqual(parseValue(row, text), value));
  }
});

suite("a text that is no value is refused with what would be one:", () => {
  const bad: [Option, string, RegExp][] = [
    [option("duration"), "5 s", /500ms, 5s or 2m/],
    [option("duration"), "-1s", /500ms/],
    [option("duration"), "5d", /500ms/],
    [option("duration"), "", /500ms/],
    [option("duration", { least: 1 }), "0", /at least 1ms/],
    [option("duration"), "597h", /at most 24 days/],
    [option("size"), "5 apples", /KiB/],
    [option("size"), "-5", /KiB/],
    [option("count"), "1.5", /whole number of at least 0/],
    [option("count", { least: 1 }), "0", /at least 1/],
    [option("count"), "99999999999999999999", /whole number/],
    [option("flag"), "maybe", /1 or 0/],
    [option("choice", { choices: ["a", "b"] }), "c", /one of a, b/],
    [option("list"), "a,,b", /empty/],
    [option("text"), "", /empty/],
  ];
  for (const [row, text, wanted] of bad) {
    test(`${row.kind} "${text}"`, () => {
      assert.throws(
        () => parseValue(row, text),
        (error) => error instanceof ValueError && wanted.test(error.message),
      );
    });
  }
});

test("a value is written in its largest whole unit, so that it reads back as the same", () => {
  const written: [Option["kind"], number, string][] = [
    ["duration", 0, "0ms"],
    ["duration", 1_500, "1500ms"],
    ["duration", 10_000, "10s"],
    ["duration", 120_000, "2m"],
    ["size", 8_192, "8KiB"],
    ["size", 1_048_576, "1MiB"],
    ["size", 1_000, "1000B"],
    ["count", 1_000, "1000"],
  ];
  for (const [kind, value, text] of written) {
    assert.equal(formatValue(option(kind), value), text);
    assert.equal(parseValue(option(kind), text), value);
  }
  assert.equal(formatValue(option("list"), ["a", "b"]), "a,b");
  assert.equal(formatValue(option("choice"), "lf"), "lf");
});

test("the help names a value by its choices, its own word or its kind", () => {
  assert.equal(placeholderOf(option("choice", { choices: ["a", "b"] })), "a|b");
  assert.equal(placeholderOf(option("text", { placeholder: "command" })), "command");
  assert.equal(placeholderOf(option("duration")), "duration");
});
