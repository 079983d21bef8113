import assert from "node:assert/strict";
import { test } from "node:test";

import { chanceOf, shuffled } from "../../../src/hub/lab/chance.js";

const some = (seed: number, count = 1_000) => {
  const random = chanceOf(seed);
  return Array.from({ length: count }, () => random());
};

test("one seed is one sequence, and another seed another one", () => {
  assert.deepEqual(some(7), some(7));
  const firsts = new Set(Array.from({ length: 1_000 }, (_, seed) => chanceOf(seed)()));
  assert.ok(firsts.size > 990, `${firsts.size} of 1,000 seeds begin differently`);
});

test("numbers are in [0, 1), and everywhere in it", () => {
  for (const seed of [0, 1, 2, 2 ** 31, 2 ** 32 - 1]) {
    const tenths = new Set(some(seed).map((number) => Math.floor(number * 10)));
    assert.deepEqual([...tenths].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], `seed ${seed}`);
  }
});

test("what is shuffled is all there, in every order there is", () => {
  const random = chanceOf(3);
  const orders = Array.from({ length: 200 }, () => shuffled(["a", "b", "c"], random).join(""));
  assert.deepEqual([...new Set(orders)].sort(), ["abc", "acb", "bac", "bca", "cab", "cba"]);
});
