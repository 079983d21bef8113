// Whole conversations as vectors: two machines say, byte for byte, what the file has.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Conversation, play } from "../../support/conversation.js";
import { vectors } from "../../support/handshakes.js";

for (const conversation of vectors<Conversation[]>("sessions")) {
  test(conversation.title, () => {
    assert.deepEqual(play(conversation), conversation.steps);
  });
}
