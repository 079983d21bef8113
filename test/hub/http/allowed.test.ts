// Which hosts and pages are the hub's own.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Allowed } from "../../../src/hub/http/allowed.js";
import { UsageError } from "../../../src/index.js";

const allowed = (more: { host?: string; hosts?: string[]; origins?: string[] } = {}) =>
  new Allowed({ host: "127.0.0.1", hosts: [], origins: [], ...more });

suite("a host is ours", () => {
  const authority = (host: unknown, of = allowed()) => of.authority({ host: host as string });

  test("if it is this machine, by any of its own names", () => {
    for (const host of [
      "localhost",
      "localhost:12380",
      "127.0.0.1:1",
      "127.9.9.9",
      "[::1]:12380",
      "app.localhost",
    ]) {
      assert.equal(authority(host), host);
    }
    assert.equal(authority("LocalHost:80"), "localhost:80");
  });

  test("if the hub listens there, or its operator said so", () => {
    const named = allowed({ host: "10.0.0.7", hosts: ["Hub.example", "[fd00::1]"] });
    for (const host of ["10.0.0.7:80", "hub.example", "hub.example:8443", "[fd00::1]"]) {
      assert.equal(authority(host, named), host);
    }
  });

  test("and not if a stranger's DNS leads here", () => {
    for (const host of [
      "evil.example",
      "127.0.0.1.evil.example",
      "localhost.evil.example",
      "10.0.0.7",
      "127.0.0.1@evil.example",
      "127.0.0.1:12380:80",
      "localhost localhost",
      "localhost/",
      "[::1",
      "",
      undefined,
      ["localhost", "evil.example"],
    ]) {
      assert.equal(authority(host), undefined, String(host));
    }
  });

  test("if it is any address, where the hub listens on every interface: no DNS leads to an address", () => {
    const open = allowed({ host: "*" });
    assert.equal(authority("192.0.2.1:12380", open), "192.0.2.1:12380");
    assert.equal(authority("[2001:db8::1]", open), "[2001:db8::1]");
    assert.equal(authority("evil.example", open), undefined);
  });
});

suite("a page may connect", () => {
  const may = (origin: unknown, host = "127.0.0.1:12380", of = allowed()) =>
    of.mayConnect({ origin: origin as string }, host);

  test("if it is of the very host and port that it connects to, with or without TLS in front", () => {
    assert.equal(may("http://127.0.0.1:12380"), true);
    assert.equal(may("https://127.0.0.1:12380"), true);
    assert.equal(may("https://hub.example", "hub.example"), true);
    assert.equal(may("https://hub.example", "hub.example:443"), true);
  });

  test("if nobody says that it is a page", () => assert.equal(may(undefined), true));

  test("if the operator said so", () => {
    const named = allowed({ origins: ["https://app.example"] });
    assert.equal(may("https://app.example", "127.0.0.1:12380", named), true);
    assert.equal(may("https://app.example:8443", "127.0.0.1:12380", named), false);
    assert.equal(may("https://any.example", "127.0.0.1:12380", allowed({ origins: ["*"] })), true);
  });

  test("and not if it is anybody else's", () => {
    for (const origin of [
      "https://evil.example",
      "http://127.0.0.1:12381",
      "http://127.0.0.1",
      "http://localhost:12380",
      "http://127.0.0.1:12380.evil.example",
      "http://127.0.0.1:12380/",
      "http://x@127.0.0.1:12380",
      "null",
      "",
      "file://",
      ["http://127.0.0.1:12380", "https://evil.example"],
    ]) {
      assert.equal(may(origin), false, String(origin));
    }
  });
});

test("what is no name and no origin is a mistake, which says what to write", () => {
  for (const wrong of ["https://hub.example", "hub.example:80", "a b", ""]) {
    assert.throws(() => allowed({ hosts: [wrong] }), UsageError);
  }
  for (const wrong of ["app.example", "https://app.example/", "https://app.example/path", ""]) {
    assert.throws(() => allowed({ origins: [wrong] }), /write scheme, host/);
  }
});
