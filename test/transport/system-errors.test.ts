import assert from "node:assert/strict";
import { test } from "node:test";
import { ClosedError, DisconnectedError, SocketError, UsageError } from "../../src/core/errors.js";
import { systemCode, systemError } from "../../src/transport/system-errors.js";

const failed = (code: string) => Object.assign(new Error(`connect ${code}`), { code });

test("a system error becomes one of ours that says where, why and what to do, with the original as its cause", () => {
  const cause = failed("ECONNREFUSED");
  const error = systemError(cause, { op: "connect", endpoint: "tcp://127.0.0.1:1" });
  assert.ok(error instanceof DisconnectedError);
  assert.equal(error.code, "ERR_CONNECTION_REFUSED");
  assert.equal(
    error.message,
    "connect tcp://127.0.0.1:1: connection refused (ECONNREFUSED); check that something listens there",
  );
  assert.equal(error.cause, cause);
});

test("the blame decides the class: the network's failures are disconnects, ours are misuse", () => {
  const codes = {
    ECONNRESET: "ERR_CONNECTION_RESET",
    EPIPE: "ERR_CONNECTION_RESET",
    ECONNABORTED: "ERR_CONNECTION_RESET",
    ETIMEDOUT: "ERR_CONNECTION_LOST",
    EHOSTUNREACH: "ERR_UNREACHABLE",
    ENETUNREACH: "ERR_UNREACHABLE",
    ENOTFOUND: "ERR_HOST_NOT_FOUND",
    EAI_AGAIN: "ERR_NAME_SERVICE",
    EMFILE: "ERR_DESCRIPTORS",
    ENFILE: "ERR_DESCRIPTORS",
    ENOENT: "ERR_NO_SUCH_SOCKET",
    ENOTSOCK: "ERR_NO_SUCH_SOCKET",
    ENOBUFS: "ERR_NO_BUFFERS",
    EADDRINUSE: "ERR_ADDRESS_IN_USE",
    EADDRNOTAVAIL: "ERR_ADDRESS_NOT_AVAILABLE",
    EAFNOSUPPORT: "ERR_ADDRESS_NOT_AVAILABLE",
    EACCES: "ERR_PERMISSION",
    EPERM: "ERR_PERMISSION",
    EROFS: "ERR_PERMISSION",
    EMSGSIZE: "ERR_USAGE",
  };
  const misuse = ["EADDRINUSE", "EADDRNOTAVAIL", "EAFNOSUPPORT", "EACCES", "EPERM", "EROFS", "EMSGSIZE"];
  for (const [code, ours] of Object.entries(codes)) {
    const error = systemError(failed(code), {});
    assert.equal(error.code, ours, code);
    assert.equal(error instanceof UsageError, misuse.includes(code), code);
    assert.match(error.message, new RegExp(`\\(${code}\\)`));
  }
});

test("the caller's advice goes before the table's", () => {
  const error = systemError(failed("EACCES"), { op: "send", advice: "set broadcast: true" });
  assert.equal(error.advice, "set broadcast: true");
  assert.match(error.message, /; set broadcast: true$/);
});

test("one that is ours already stays as it is", () => {
  const closed = new ClosedError("closed");
  assert.equal(systemError(closed, { op: "send" }), closed);
});

test("what is in no table still comes out as ours, even if it is no error at all", () => {
  const odd = [
    new Error("boom"),
    failed("ESOMETHING"),
    "text",
    undefined,
    null,
    { code: 5 },
    { code: "toString" },
  ];
  for (const thrown of odd) {
    const error = systemError(thrown, { op: "send", endpoint: "udp://127.0.0.1:1" });
    assert.ok(error instanceof SocketError);
    assert.equal(error.code, "ERR_CONNECTION_LOST");
    assert.match(error.message, /^send udp:\/\/127\.0\.0\.1:1: /);
  }
});

test("the system's code is read only where it is text", () => {
  assert.equal(systemCode(failed("EMFILE")), "EMFILE");
  assert.equal(systemCode({ code: 5 }), undefined);
  assert.equal(systemCode(undefined), undefined);
});
