// The error tree: what each class tells, and how its message reads.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  BusyError,
  ClosedError,
  DisconnectedError,
  LimitError,
  ProtocolError,
  RefusedError,
  SocketError,
  TimeoutError,
  UsageError,
} from "../../src/core/errors.js";

const context = { op: "connect", endpoint: "tcp://127.0.0.1:1" };

suite("every class is a SocketError with its own name and code", () => {
  const errors: [SocketError, name: string, code: string][] = [
    [new ClosedError("it was closed"), "ClosedError", "ERR_CLOSED"],
    [new BusyError("another reader waits"), "BusyError", "ERR_BUSY"],
    [new DisconnectedError("ERR_CONNECTION_RESET", "reset"), "DisconnectedError", "ERR_CONNECTION_RESET"],
    [new TimeoutError(10, "no answer"), "TimeoutError", "ERR_TIMEOUT"],
    [new ProtocolError("ERR_TRUNCATED", "remote", "cut short"), "ProtocolError", "ERR_TRUNCATED"],
    [new LimitError("frameBytesMax", 11, 10), "LimitError", "ERR_LIMIT"],
    [new RefusedError("not you"), "RefusedError", "ERR_REFUSED"],
    [new UsageError("not like this"), "UsageError", "ERR_USAGE"],
    [new UsageError("port taken", {}, "ERR_ADDRESS_IN_USE"), "UsageError", "ERR_ADDRESS_IN_USE"],
  ];
  for (const [error, name, code] of errors) {
    test(`${name} ${code}`, () => {
      assert.ok(error instanceof SocketError);
      assert.ok(error instanceof Error);
      assert.equal(error.name, name);
      assert.equal(error.code, code);
      assert.equal(String(error), `${name}: ${error.message}`);
      assert.ok(error.stack?.startsWith(`${name}: `), "a stack trace begins with the class");
    });
  }
});

suite("a message reads `op endpoint: cause; advice`, without the parts that are not known", () => {
  const messages: [context: ConstructorParameters<typeof ClosedError>[1], message: string][] = [
    [undefined, "gone"],
    [{}, "gone"],
    [{ op: "send" }, "send: gone"],
    [{ endpoint: "unix:/a" }, "unix:/a: gone"],
    [{ op: "send", endpoint: "unix:/a" }, "send unix:/a: gone"],
    [{ advice: "connect again" }, "gone; connect again"],
    [{ op: "send", endpoint: "unix:/a", advice: "connect again" }, "send unix:/a: gone; connect again"],
  ];
  for (const [given, message] of messages) {
    test(message, () => assert.equal(new ClosedError("gone", given).message, message));
  }
});

test("the parts of the message can be read one by one", () => {
  const error = new RefusedError("not you", { ...context, advice: "use a token" });
  assert.equal(error.op, "connect");
  assert.equal(error.endpoint, "tcp://127.0.0.1:1");
  assert.equal(error.advice, "use a token");
});

test("the cause underneath is kept, and absent where there is none", () => {
  const cause = new Error("ECONNREFUSED");
  const error = new DisconnectedError("ERR_CONNECTION_REFUSED", "nobody listens", { ...context, cause });
  assert.equal(error.cause, cause);
  assert.ok(!("cause" in new ClosedError("gone")));
});

test("a LimitError names the option to change, its value, and what came", () => {
  const error = new LimitError("frameBytesMax", 2_000, 1_000, { op: "receive", endpoint: "tcp://h:1" });
  assert.equal(error.message, "receive tcp://h:1: frameBytesMax is 1000, got 2000");
  assert.equal(error.limit, "frameBytesMax");
});

test("a TimeoutError says how long was waited", () => {
  assert.equal(new TimeoutError(250, "no answer").timeoutMs, 250);
});

test("a ProtocolError says who is to blame", () => {
  assert.equal(new ProtocolError("ERR_INVALID_MESSAGE", "local", "no text").by, "local");
  assert.equal(new ProtocolError("ERR_INVALID_BYTES", "remote", "no UTF-8").by, "remote");
});

suite("an error of a machine that cannot know where it stands", () => {
  test("is told later, and its message reads as if it had known", () => {
    const error = new LimitError("frameBytesMax", 11, 10, { advice: "raise it" });
    assert.equal(error.locate("receive", "tcp://h:1"), error);
    assert.equal(error.message, "receive tcp://h:1: frameBytesMax is 10, got 11; raise it");
    assert.equal(error.op, "receive");
    assert.equal(error.endpoint, "tcp://h:1");
  });

  test("keeps what it knew", () => {
    const error = new ClosedError("gone", { op: "send" }).locate("receive", "tcp://h:1");
    assert.equal(error.message, "send tcp://h:1: gone");
    assert.equal(error.locate("listen", "tcp://other:1").message, "send tcp://h:1: gone");
  });

  test("gives its reason alone too", () => {
    assert.equal(new ClosedError("gone", { op: "send", advice: "connect again" }).reason, "gone");
  });
});
