import assert from "node:assert/strict";
import { test } from "node:test";
import { cutAnywhere, cutEverywhere, cutNowhere, joined, pick, seeded } from "../../src/testing/cuts.js";

const wire = Uint8Array.from({ length: 1_000 }, (_, i) => i);

test("the pieces of every cut, joined, are the input", () => {
  for (const cut of [cutNowhere, cutEverywhere, cutAnywhere(seeded(1))]) {
    assert.deepEqual(joined(cut(wire)), wire);
    assert.ok(cut(wire).every(({ length }) => length > 0));
    assert.deepEqual(cut(new Uint8Array(0)), []);
  }
});

test("one piece, a piece a byte, and something between", () => {
  assert.equal(cutNowhere(wire).length, 1);
  assert.equal(cutEverywhere(wire).length, 1_000);
  const sizes = cutAnywhere(seeded(2))(wire).map(({ length }) => length);
  assert.ok(sizes.length > 5 && sizes.length < 500 && new Set(sizes).size > 3, String(sizes));
});

test("the same seed gives the same numbers, another seed others", () => {
  const take = (seed: number) => {
    const random = seeded(seed);
    return Array.from({ length: 20 }, random);
  };
  assert.deepEqual(take(7), take(7));
  assert.notDeepEqual(take(7), take(8));
  assert.ok(take(9).every((number) => number >= 0 && number < 1));
});

test("a pick is one of the choices, and nothing of none", () => {
  assert.ok(["a", "b"].includes(String(pick(seeded(3), ["a", "b"]))));
  assert.equal(pick(seeded(3), []), undefined);
});
