// `limit`: the value in force, and the values that are no bound at all.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { UsageError } from "../../src/core/errors.js";
import { type LimitName, limit, limits } from "../../src/core/limits.js";

const names = Object.keys(limits) as LimitName[];

test("without a value of the caller's own, the default is in force", () => {
  for (const name of names) assert.equal(limit(name, undefined), limits[name]);
});

test("every default would be taken from a user too", () => {
  for (const name of names) assert.equal(limit(name, limits[name]), limits[name]);
});

test("a value of the caller's own is taken as it is", () => {
  const value = fc.integer({ min: 1, max: 2 ** 32 - 1 });
  fc.assert(fc.property(fc.constantFrom(...names), value, (name, given) => limit(name, given) === given));
});

suite("what is no bound is refused by name", () => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, -1, 1.5, 2 ** 53]) {
    test(String(bad), () => {
      for (const name of names) {
        assert.throws(
          () => limit(name, bad),
          (error) =>
            error instanceof UsageError &&
            error.code === "ERR_USAGE" &&
            error.message.startsWith(`${name} must be a whole number of at least `) &&
            error.message.endsWith(`, got ${bad}`),
        );
      }
    });
  }

  test("a text, even of digits", () => {
    const text: unknown = "10";
    assert.throws(() => limit("frameBytesMax", text as number), {
      message: "frameBytesMax must be a whole number of at least 1, got 10",
    });
  });
});

test("zero is a time, and no bound per address; but it is no room", () => {
  assert.equal(limit("lingerMs", 0), 0);
  assert.equal(limit("connectionsPerAddressMax", 0), 0);
  assert.throws(() => limit("sendBufferBytes", 0), /at least 1, got 0/);
  assert.throws(() => limit("backlog", 0), /at least 1, got 0/);
});

test("a frame must fit into a length prefix of four bytes", () => {
  assert.equal(limit("frameBytesMax", 2 ** 32 - 1), 2 ** 32 - 1);
  assert.throws(() => limit("frameBytesMax", 2 ** 32), {
    message: "frameBytesMax must be below 2^32, got 4294967296",
  });
});
