import assert from "node:assert/strict";
import { test } from "node:test";
import { problemOf } from "../../../src/page/parts/problem.js";

test("a problem is said in the hub's words, or in those that there are", () => {
  const told = "receive ws://127.0.0.1:1/page: the peer aborted the stream (aborted: come again (later))";
  assert.equal(problemOf(new Error(told)), "come again (later)");
  assert.equal(problemOf(new Error("the session has expired")), "the session has expired");
  assert.equal(problemOf("odd"), "odd");
});
