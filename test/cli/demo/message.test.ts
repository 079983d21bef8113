import assert from "node:assert/strict";
import { test } from "node:test";

import { messageOf, seqOf } from "../../../src/cli/demo/message.js";

test("a message gives its number back", () => {
  for (const seq of [0, 1, 9, 199, 200, 12_345]) assert.equal(seqOf(messageOf(seq)), seq);
});

test("no part of a message passes for one", () => {
  for (const seq of [0, 7, 150, 1_234]) {
    const message = messageOf(seq);
    for (let at = 0; at < message.length; at += 1) {
      assert.equal(seqOf(message.slice(0, at)), undefined, message.slice(0, at));
      if (at > 0) assert.equal(seqOf(message.slice(at)), undefined, message.slice(at));
    }
  }
});

test("nor does anything else", () => {
  for (const text of ["", "hello", "-1  -1", "1.5 x 1.5", " ", "1  2", `${messageOf(3)}${messageOf(4)}`]) {
    assert.equal(seqOf(text), undefined, text);
  }
});
