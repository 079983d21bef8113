import assert from "node:assert/strict";
import { test } from "node:test";
import { errorOf } from "../../src/session/ending.js";
import { simulate } from "../../src/testing/simulate.js";
import { opened } from "../support/sessions.js";

test("each way to end is an error by blame, and an end in order is none", () => {
  const named = (code: string, more: object = {}) => {
    const error = errorOf({ by: "remote", code, reason: "why", ...more }, "tcp://x:1");
    const { by } = (error ?? {}) as { readonly by?: string };
    return [error?.name, (error as { readonly code?: string } | undefined)?.code, by];
  };
  assert.deepEqual(named("closed"), [undefined, undefined, undefined]);
  assert.deepEqual(named("protocol"), ["ProtocolError", "ERR_INVALID_BYTES", "remote"]);
  assert.deepEqual(named("protocol", { isHeard: true }), ["ProtocolError", "ERR_INVALID_BYTES", "local"]);
  assert.deepEqual(named("undecodable"), ["ProtocolError", "ERR_INVALID_MESSAGE", "remote"]);
  assert.deepEqual(named("undecodable", { isHeard: true }), [
    "ProtocolError",
    "ERR_INVALID_MESSAGE",
    "local",
  ]);
  for (const code of ["expired", "evicted"]) {
    assert.deepEqual(named(code), ["DisconnectedError", "ERR_SESSION_EXPIRED", undefined]);
  }
  assert.deepEqual(named("aborted"), ["DisconnectedError", "ERR_CONNECTION_RESET", undefined]);
  assert.deepEqual(named("aborted", { by: "local" }), ["ClosedError", "ERR_CLOSED", undefined]);
  assert.deepEqual(named("abuse"), ["LimitError", "ERR_LIMIT", undefined]);
  assert.equal(errorOf({ by: "remote", code: "x", reason: "" }, "tcp://x:1")?.reason, "x");
});

test("unread is what the peer had and its reader had not taken, on streams in use, at its last word", () =>
  simulate({}, async (world) => {
    const { client, served } = await opened(world);
    const coming = served.streams().next();
    const stream = await client.open("a", { message: "x" });
    await coming;
    for (const word of ["1", "2", "3"]) await client.send(word);
    await stream.send("y");
    const given = await client.open("aborted", { message: "not counted" });
    await served.receive();
    await client.flush();
    await world.sleep(100);
    given.abort();
    await client.flush();
    for (const cable of world.cables) cable.hold();
    await client.send("unknown");
    client.abort();
    const { unread, unacknowledged } = await client.closed;
    assert.deepEqual(unread, { messages: 4, bytes: 4 * 64 });
    assert.deepEqual([unacknowledged.messages, unacknowledged.bytes], [1, 7]);
  }));
