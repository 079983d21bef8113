// `needs` itself: it must neither skip silently nor run what cannot work.

import assert from "node:assert/strict";
import { test } from "node:test";
import { needs } from "../support/require.js";

test("what is there is run", () => {
  assert.deepEqual(needs({}), { skip: false });
  assert.deepEqual(needs({ commands: ["sh"] }), { skip: false });
});

test("what is missing is skipped with the reason", () => {
  const empty = { PATH: "/nowhere" };
  assert.deepEqual(needs({ commands: ["ncat", "socat"] }, empty), {
    skip: "ncat is not installed, socat is not installed",
  });
  assert.deepEqual(needs({ root: true }, empty), {
    skip: "making network namespaces needs root (CAP_SYS_ADMIN)",
  });
});

test("where everything is required, a skip is a failure", () => {
  assert.throws(() => needs({ commands: ["ncat"] }, { PATH: "/nowhere", HOLDFAST_TEST_REQUIRE: "all" }), {
    message: "HOLDFAST_TEST_REQUIRE=all, but ncat is not installed",
  });
});
