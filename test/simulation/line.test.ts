// The checker of one session must see every end that is not told as it was.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DisconnectedError, ProtocolError } from "../../src/core/errors.js";
import { Lane } from "./lane.js";
import { Line, type Report } from "./line.js";

let lanes = 0;

function newLine(): Line {
  return new Line("session 1", (name) => {
    lanes += 1;
    return new Lane(lanes, name);
  });
}

/** Sends so many messages on a lane; gives their bytes. */
function send(lane: Lane, count: number): Uint8Array[] {
  return Array.from({ length: count }, () => {
    const { bytes, settle } = lane.call(100);
    settle(true);
    return bytes;
  });
}

interface Said {
  readonly error?: Report["error"];
  readonly unacknowledged?: readonly { readonly stream: string | undefined; readonly message: Uint8Array }[];
  readonly unread?: number;
}

function report({ error, unacknowledged = [], unread = 0 }: Said): Report {
  return {
    reason: "",
    ...(error === undefined ? {} : { error }),
    unacknowledged: {
      messages: unacknowledged.length,
      bytes: unacknowledged.length * 100,
      list: () => [...unacknowledged],
    },
    unread: { messages: unread, bytes: unread * 100 },
  };
}

const lost = new DisconnectedError("ERR_SESSION_LOST", "gone");

test("an end that is not in order needs a reason, and is never the protocol's", () => {
  newLine().closed("client", report({ error: lost }), true);
  assert.throws(
    () => newLine().closed("client", report({ error: lost }), false),
    /it ended without a reason/,
  );
  const error = new ProtocolError("ERR_INVALID_BYTES", "remote", "nonsense");
  assert.throws(
    () => newLine().closed("server", report({ error }), true),
    /at the server: it broke the protocol/,
  );
});

test("each message has come out, or is said to be unacknowledged or unread", () => {
  const line = newLine();
  const lane = line.lane("client", "");
  const [first = new Uint8Array(), , third = new Uint8Array()] = send(lane, 3);
  lane.deliver(first);
  line.closed(
    "client",
    report({ error: lost, unacknowledged: [{ stream: undefined, message: third }] }),
    true,
  );
  assert.throws(() => line.judge("client", false), /1 messages are missing, and 0 are said to be unread/);
  line.closed(
    "client",
    report({ error: lost, unacknowledged: [{ stream: undefined, message: third }], unread: 1 }),
    true,
  );
  line.judge("client", false);
});

test("an end in order leaves nothing unacknowledged, and says no more than is true", () => {
  const line = newLine();
  const [message = new Uint8Array()] = send(line.lane("server", "s2"), 1);
  const unacknowledged = [{ stream: "s2", message }];
  assert.throws(
    () => line.closed("server", report({ unacknowledged }), true),
    /it ended in order, with unack/,
  );
  line.lane("server", "s2").deliver(message);
  line.closed("server", report({ unread: 1 }), false);
  assert.throws(() => line.judge("server", true), /1 messages are said to be unread, which 0 are/);
});

test("what a flush has promised is not unacknowledged later", () => {
  const line = newLine();
  const lane = line.lane("client", "");
  const [message = new Uint8Array()] = send(lane, 1);
  line.flushing("client")();
  const unacknowledged = [{ stream: undefined, message }];
  assert.throws(
    () => line.closed("client", report({ error: lost, unacknowledged }), true),
    /1 of 1 were flushed/,
  );
});
