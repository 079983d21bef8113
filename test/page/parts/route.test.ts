import assert from "node:assert/strict";
import { test } from "node:test";
import { labNames } from "../../../src/hub.js";
import { experiments, readRoute } from "../../../src/page/parts/route.js";

test("the address says which tab and which experiment", () => {
  assert.deepEqual(readRoute("#lab/cut"), { tab: "lab", experiment: "cut" });
  assert.deepEqual(readRoute("#live"), { tab: "live", experiment: "bytes" });
});

test("what it does not know leads to the room", () => {
  for (const hash of ["", "#", "#nowhere", "#<script>", "#/lab"]) {
    assert.deepEqual(readRoute(hash), { tab: "talk", experiment: "bytes" });
  }
  assert.deepEqual(readRoute("#lab/nothing"), { tab: "lab", experiment: "bytes" });
});

test("each experiment of the hub has a place", () => {
  assert.deepEqual(experiments, labNames);
});
