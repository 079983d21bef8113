import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { certificateName } from "../../../src/cli/cert/names.js";
import { UsageError } from "../../../src/index.js";

test("a host name is its own ASCII, in lower case", () => {
  for (const [written, text] of [
    ["localhost", "localhost"],
    ["App.Test", "app.test"],
    ["*.app.test", "*.app.test"],
    ["_dev.app.test", "_dev.app.test"],
    ["grüße.test", "xn--gre-6ka8l.test"],
  ] as const) {
    const { value, ...name } = certificateName(written);
    assert.deepEqual(name, { kind: "dns", text });
    assert.equal(new TextDecoder().decode(value), text);
  }
});

test("an address is its bytes", () => {
  for (const [written, hex] of [
    ["127.0.0.1", "7f000001"],
    ["::1", "00000000000000000000000000000001"],
    ["2001:DB8::a:1", "20010db80000000000000000000a0001"],
    ["fe80:1:2:3:4:5:6:7", "fe800001000200030004000500060007"],
    ["::ffff:192.0.2.7", "00000000000000000000ffffc0000207"],
  ] as const) {
    const { kind, value } = certificateName(written);
    assert.equal(kind, "ip");
    assert.equal(Buffer.from(value).toString("hex"), hex, written);
  }
});

suite("what nobody can ask for is refused:", () => {
  for (const written of [
    "",
    "a b",
    "-a.test",
    "a..test",
    "*",
    "a.*.test",
    "1.2.3",
    "256.1.1.1",
    "fe80::1%eth0",
    "1::2::3",
    "a@b",
    "a.test/b",
    "a.test?b",
    "a\\b",
    "a\tb",
    "%61.test",
  ]) {
    test(JSON.stringify(written), () => {
      assert.throws(
        () => certificateName(written),
        (error) => error instanceof UsageError && error.advice?.startsWith("give host names"),
      );
    });
  }

  for (const written of ["https://app.test", "app.test:8443"]) {
    test(`${written}, with what to leave out`, () => {
      assert.throws(() => certificateName(written), /give the host alone/);
    });
  }
});
