// The tables that the machine runs on, and that the page draws.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  diagramOf,
  directionTable,
  next,
  ourEndTable,
  peerEndTable,
} from "../../../src/protocol/session/states.js";

test("our end closes when the peer has answered CLOSE, and says it again on a new link", () => {
  const closing = next(ourEndTable, "open", "CLOSE said");
  assert.equal(next(ourEndTable, closing, "CLOSE_ACK heard"), "closed");
});

test("the peer's end closes when we have answered, each time that it is asked for", () => {
  const closing = next(peerEndTable, "open", "CLOSE heard");
  const closed = next(peerEndTable, closing, "CLOSE_ACK said");
  assert.equal(closed, "closed");
  assert.equal(next(peerEndTable, closed, "CLOSE heard"), "closing");
});

test("what a table does not list is a mistake, and throws", () => {
  assert.throws(() => next(directionTable, "open", "last frame acknowledged"), {
    message: "a session that is open cannot: last frame acknowledged",
  });
  assert.throws(() => next(ourEndTable, "open", "CLOSE_ACK heard"), /cannot: CLOSE_ACK heard/);
});

test("a table can be drawn", () => {
  assert.equal(
    diagramOf(directionTable),
    [
      "stateDiagram-v2",
      "    [*] --> open",
      "    open --> ended: last frame sent",
      "    ended --> over: last frame acknowledged",
    ].join("\n"),
  );
});
