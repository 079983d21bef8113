import assert from "node:assert/strict";
import { test } from "node:test";

import {
  failureRecord,
  recordOf,
  sentenceOf,
  unacknowledgedRecord,
  unacknowledgedSentence,
} from "../../../src/cli/report/events.js";
import { DisconnectedError, type LifecycleEvent, type SessionClosed } from "../../../src/index.js";

const at = new Date("2026-01-02T03:04:05.678Z");
const connection = {
  id: 7,
  kind: "connection",
  local: "tcp://127.0.0.1:1",
  remote: "tcp://127.0.0.1:2",
} as const;
const moved = { bytesSent: 3, bytesReceived: 2_048 };

test("each step in a connection's life is a sentence", () => {
  const told: [LifecycleEvent, string | undefined][] = [
    [{ name: "created", id: 7, kind: "connection", remote: "tcp://[::1]:2" }, "#7 trying tcp://[::1]:2"],
    [{ ...connection, name: "bound" }, undefined],
    [{ ...connection, name: "accepted" }, "#7 accepted from tcp://127.0.0.1:2 on tcp://127.0.0.1:1"],
    [{ ...connection, name: "open" }, "#7 open: tcp://127.0.0.1:1 to tcp://127.0.0.1:2"],
    [{ ...connection, name: "half-closed", by: "local" }, "#7 we have ended"],
    [{ ...connection, name: "half-closed", by: "remote" }, "#7 the peer has ended"],
    [{ ...connection, name: "closed", by: "network", reason: "idle" }, "#7 closed by the network: idle"],
  ];
  for (const [event, sentence] of told) assert.equal(sentenceOf(event, undefined), sentence);
});

test("a closed connection says what it moved, and a failed one why", () => {
  const error = new DisconnectedError("ERR_CONNECTION_REFUSED", "connection refused");
  assert.equal(
    sentenceOf({ ...connection, name: "closed", by: "remote", error }, moved),
    "#7 closed by the peer: connection refused; 3 B sent, 2.0 KiB received",
  );
});

test("a session tells of its links, and of its own end", () => {
  const session = { id: 3, kind: "session", session: "5e5510", remote: "tcp://127.0.0.1:2" } as const;
  const told: [LifecycleEvent, string | undefined][] = [
    [{ ...session, name: "created" }, undefined],
    [{ ...session, name: "open" }, "#3 session 5e5510 open with tcp://127.0.0.1:2"],
    [{ ...session, name: "resuming", reason: "reset" }, "#3 session resuming: reset"],
    [{ ...session, name: "resumed" }, "#3 session resumed: nothing was lost"],
    [{ ...session, name: "closed", by: "local", reason: "closed" }, "#3 session closed by us: closed"],
  ];
  for (const [event, sentence] of told) assert.equal(sentenceOf(event, undefined), sentence);
});

test("what may not have arrived of a session are its last messages", () => {
  const closed = (messages: number, bytes: number): SessionClosed => ({
    by: "network",
    reason: "expired",
    unacknowledged: { messages, bytes, list: () => [] },
    unread: { messages: 1, bytes: 64 },
  });
  assert.equal(unacknowledgedSentence(closed(1, 5)), "the last message sent (5 B) may not have arrived");
  assert.equal(unacknowledgedSentence(closed(3, 50)), "the last 3 messages sent (50 B) may not have arrived");
  assert.deepEqual(JSON.parse(unacknowledgedRecord(closed(3, 50), at)), {
    time: "2026-01-02T03:04:05.678Z",
    event: "unacknowledged",
    messages: 3,
    bytes: 50,
    unreadMessages: 1,
    unreadBytes: 64,
  });
});

test("a listener tells its end and its refusals; that it listens is said by another line", () => {
  const listener = { id: 1, kind: "listener", local: "tcp://127.0.0.1:1" } as const;
  assert.equal(sentenceOf({ ...listener, name: "created" }, undefined), undefined);
  assert.equal(sentenceOf({ ...listener, name: "listening" }, undefined), undefined);
  assert.equal(sentenceOf({ ...listener, name: "closed", by: "local" }, undefined), "#1 listens no more");
  assert.equal(
    sentenceOf({ ...listener, name: "refused", reason: "connectionsMax is 1", count: 3 }, undefined),
    "refused 3 (connectionsMax is 1)",
  );
});

test("as JSON an event has its time, its name, and a code for its error", () => {
  const error = new DisconnectedError("ERR_CONNECTION_RESET", "the peer reset the connection");
  assert.deepEqual(JSON.parse(recordOf({ ...connection, name: "closed", by: "remote", error }, moved, at)), {
    time: "2026-01-02T03:04:05.678Z",
    event: "closed",
    ...connection,
    by: "remote",
    ...moved,
    error: "DisconnectedError",
    code: "ERR_CONNECTION_RESET",
  });
});

test("as JSON a run's failure has its message", () => {
  const error = new DisconnectedError("ERR_HOST_NOT_FOUND", "there is no such host", { op: "connect" });
  assert.deepEqual(JSON.parse(failureRecord(error, at)), {
    time: "2026-01-02T03:04:05.678Z",
    event: "failed",
    error: "DisconnectedError",
    code: "ERR_HOST_NOT_FOUND",
    message: "connect: there is no such host",
  });
  assert.equal(JSON.parse(failureRecord("odd", at)).message, "odd");
});
