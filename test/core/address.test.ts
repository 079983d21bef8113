import assert from "node:assert/strict";
import net from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { addressBytes, addressText, mapped } from "../../src/core/address.js";

test("addresses are read as bytes, and written in their one canonical form", () => {
  const canonical: [written: string, text: string][] = [
    ["192.0.2.7", "192.0.2.7"],
    ["0.0.0.0", "0.0.0.0"],
    ["::", "::"],
    ["::1", "::1"],
    ["1::", "1::"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["10:0:0:2:3:4:5:6", "10::2:3:4:5:6"],
    ["1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
    ["fe80::1%eth0", "fe80::1"],
  ];
  for (const [written, text] of canonical)
    assert.equal(addressText(addressBytes(written) ?? assert.fail()), text);
});

test("an IPv4-mapped address is the IPv4 address, as text and as bytes", () => {
  for (const written of ["::ffff:192.0.2.7", "::FFFF:c000:207", "0:0:0:0:0:ffff:c000:0207"]) {
    assert.deepEqual(addressBytes(written), Uint8Array.of(192, 0, 2, 7));
  }
  assert.equal(addressText(mapped(Uint8Array.of(192, 0, 2, 7))), "192.0.2.7");
  // These only look like it.
  assert.equal(addressBytes("::192.0.2.7")?.length, 16);
  assert.equal(addressBytes("::fffe:192.0.2.7")?.length, 16);
});

test("beside IPv6, IPv4 can be written as long", () => {
  const long = addressBytes("2001:db8::1") ?? assert.fail();
  assert.equal(mapped(long), long);
  assert.equal(mapped(Uint8Array.of(1, 2, 3, 4)).length, 16);
});

test("what is no address has no bytes", () => {
  for (const text of [
    "",
    "localhost",
    "1.2.3",
    "01.2.3.4",
    "1.2.3.4.5",
    ":::",
    "1::2::3",
    "[::1]",
    "::1%",
    "1.2.3.4%eth0",
  ]) {
    assert.equal(addressBytes(text), undefined, text);
  }
});

test("every address comes back as it was, and is one to Node too", () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (written) => {
      const bytes = addressBytes(written) ?? assert.fail();
      const text = addressText(bytes);
      assert.equal(net.isIP(text), bytes.length === 4 ? 4 : 6);
      assert.deepEqual(addressBytes(text), bytes);
      // The URL parser writes IPv6 in the same form.
      if (bytes.length === 16) assert.equal(`[${text}]`, new URL(`http://[${written}]`).hostname);
    }),
  );
});
