import assert from "node:assert/strict";
import { test } from "node:test";

import { giveSlab, slabBytes, takeSlab } from "../../src/connection/slabs.js";

test("a slab begins small, is large where more is expected, and is used again", () => {
  const small = takeSlab(100);
  const large = takeSlab(100_000);
  assert.equal(small.length, 4_096);
  assert.equal(large.length, slabBytes);
  giveSlab(small);
  giveSlab(large);
  assert.equal(takeSlab(1), small);
  assert.equal(takeSlab(5_000), large);
});

test("two holders never share a slab, however many are given back", () => {
  const slabs = Array.from({ length: 200 }, () => takeSlab(1));
  assert.equal(new Set(slabs).size, 200);
  for (const slab of slabs) giveSlab(slab);
  const again = Array.from({ length: 200 }, () => takeSlab(1));
  assert.equal(new Set(again).size, 200);
});
