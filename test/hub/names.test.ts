// What members may be called.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Names, readName } from "../../src/hub/names.js";

test("guests are numbered, past names that others have taken", () => {
  const names = new Names([]);
  assert.equal(names.guest(), "guest-1");
  assert.ok(names.take("Guest-2"));
  assert.equal(names.guest(), "guest-3");
});

test("a name is one member's until it is released", () => {
  const names = new Names(["guide"]);
  assert.ok(names.take("ada"));
  assert.ok(!names.take("ada"));
  names.release("ada");
  assert.ok(names.take("ada"));
  assert.ok(!names.take("guide"));
});

test("names that differ in case or in compatible forms alone are the same", () => {
  const names = new Names([]);
  assert.ok(names.take("Ada"));
  assert.ok(!names.take("ADA"));
  assert.ok(!names.take("ａｄａ"));
});

test("names that differ in what is not seen alone are the same", () => {
  const names = new Names(["guide"]);
  for (const name of ["gui\u200dde", "guide\ufe0f", "\u3164guide", "guide\u{e0100}"])
    assert.ok(!names.take(name));
});

test("a name that is not seen, or not in whole, is none", () => {
  for (const name of [
    "\u3164",
    "\uffa0",
    "\u115f",
    "ada\u034f",
    "ada\ufe0f",
    "ada\u{e0100}",
    "a\u17b4",
    "a\u00adb",
  ]) {
    const read = readName(name);
    assert.ok("problem" in read, name);
    assert.match(read.problem, /can be seen/);
  }
});

test("a name has letters of any script, digits, dots, hyphens and underscores", () => {
  for (const name of ["ada", "Zoë", "李明", "r2-d2", "a.b_c", "x".repeat(24)])
    assert.deepEqual(readName(name), { name });
  assert.deepEqual(readName("Zoe\u0308"), { name: "Zoë" });
});

test("what is no name is told why", () => {
  const problems: [written: string, problem: RegExp][] = [
    ["", /say which/],
    ["x".repeat(25), /at most 24 characters/],
    ["two words", /begins with a letter/],
    ["*", /begins with a letter/],
    ["-ada", /begins with a letter/],
    ["1ada", /begins with a letter/],
    ["ada:", /begins with a letter/],
    ["a\\x1b", /begins with a letter/],
  ];
  for (const [written, problem] of problems) {
    const read = readName(written);
    assert.ok("problem" in read, written);
    assert.match(read.problem, problem);
  }
});
