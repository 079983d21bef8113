import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { decode } from "cbor-x";
import fc from "fast-check";
import { cbor } from "../src/cbor.js";
import { encodingContract } from "../src/testing/encoding-contract.js";

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));

class Point {
  readonly x = 1;
}

const cycle: unknown[] = [];
cycle.push(cycle);

encodingContract(test, cbor(), {
  messages: [
    { sent: null },
    { sent: true },
    {
      sent: [
        0,
        23,
        24,
        255,
        256,
        65_536,
        2 ** 32,
        2 ** 53,
        -1,
        -24,
        -257,
        -(2 ** 31),
        -(2 ** 40),
        1.5,
        1e300,
      ],
    },
    { sent: [Number.NaN, Number.POSITIVE_INFINITY] },
    { sent: [0n, 1n, -1n, 2n ** 64n - 1n, 2n ** 64n, -(2n ** 64n), -(2n ** 200n)] },
    { sent: ["", "grüße 👩‍🚀", "x".repeat(300), "é".repeat(100)] },
    {
      sent: { bytes: Uint8Array.of(1, 2), buffer: Buffer.from("a") },
      received: { bytes: Uint8Array.of(1, 2), buffer: Uint8Array.of(97) },
    },
    {
      sent: [
        Float64Array.of(1.5),
        Uint16Array.of(1, 65_535),
        BigInt64Array.of(-1n),
        new Uint8ClampedArray(2),
      ],
    },
    { sent: [new Date(0), new Date(1_234_567_890_123), new Date(-1)] },
    {
      sent: new Map<unknown, unknown>([
        ["a", 1],
        [2, { b: new Map() }],
        [null, undefined],
      ]),
    },
    { sent: new Set([1, "a", new Set()]) },
    { sent: { nested: { undefined: undefined }, "": 0, "1": 1 } },
    { sent: Object.assign(Object.create(null), { a: 1 }), received: { a: 1 } },
  ],
  // From RFC 8949, appendix A.
  examples: [
    { message: 100, bytes: bytes("1864") },
    { message: -1_000, bytes: bytes("3903e7") },
    { message: 1.1, bytes: bytes("fb3ff199999999999a") },
    { message: 2n ** 64n, bytes: bytes("c249010000000000000000") },
    { message: Uint8Array.of(1, 2, 3, 4), bytes: bytes("4401020304") },
    { message: "水", bytes: bytes("63e6b0b4") },
    { message: { a: 1, b: [2, 3] }, bytes: bytes("a26161016162820203") },
    { message: new Date(1_363_896_240_000), bytes: bytes("c11a514b67b0") },
  ],
  unsendable: [
    undefined,
    () => 1,
    Symbol("s"),
    [() => 1],
    "\ud83d",
    { "\ud83d": 1 },
    new Date(Number.NaN),
    new Point(),
    new Error("e"),
    /x/,
    new ArrayBuffer(1),
    new DataView(new ArrayBuffer(1)),
    cycle,
    JSON.parse('{"__proto__":1}'),
    new Map([[() => 1, 1]]),
    2n ** 9_000n,
    -(2n ** 9_000n),
  ],
  broken: [
    "",
    "18",
    "0101",
    "a161",
    "61ff",
    "f7",
    "1c",
    "ff",
    "5f4101ff",
    "9f",
    "c26161",
    "dffff",
    "d81bf6",
    "fc",
  ].map(bytes),
});

test("objects are plain maps, so that every CBOR implementation reads them", () => {
  const encoder = cbor().open();
  for (let i = 0; i < 5; i += 1) {
    assert.deepEqual(Uint8Array.from(encoder.encode({ a: 1 })), bytes("a1616101"));
  }
});

test("what other implementations send is read: indefinite lengths, half floats, dates as text, CBOR's own tag", () => {
  const decoder = cbor().open();
  const read = (hex: string) => decoder.decode(bytes(hex), false);
  assert.deepEqual(read("bf61610161629f0203ffff"), { a: 1, b: [2, 3] });
  assert.equal(read("f93e00"), 1.5);
  assert.deepEqual(read("c074323031332d30332d32315432303a30343a30305a"), new Date("2013-03-21T20:04:00Z"));
  assert.deepEqual(read("d9d9f78101"), [1]);
  assert.equal(read("1b0000000100000000"), 2n ** 32n);
});

test("bytes in a received message are views of the frame, not copies", () => {
  const frame = cbor()
    .open()
    .encode({ body: new Uint8Array(10_000) })
    .slice();
  const message = cbor<{ body: Uint8Array }>().open().decode(frame, false);
  assert.equal(message?.body.buffer, frame.buffer);
});

test("any value comes back equal", () => {
  const leaf = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.double({ noNaN: true }).filter((number) => !Object.is(number, -0)),
    fc.bigInt(),
    fc.uint8Array(),
    fc.date({ noInvalidDate: true, min: new Date("0000-01-01"), max: new Date("9999-01-01") }),
    fc.constantFrom(null, undefined, true, false),
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      leaf,
      fc.array(tie("value")),
      fc.dictionary(
        fc.string().filter((key) => key !== "__proto__"),
        tie("value"),
        { noNullPrototype: true },
      ),
      fc.array(fc.tuple(tie("value"), tie("value"))).map((entries) => new Map(entries)),
      fc.array(tie("value")).map((items) => new Set(items)),
    ),
  }));
  fc.assert(
    fc.property(
      value.filter((message) => message !== undefined),
      (message) => {
        const encoder = cbor().open();
        assert.deepEqual(encoder.decode(encoder.encode(message).slice(), false), message);
      },
    ),
  );
});

test("where the package is missing, the import fails with an error that says what to install", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-cbor-"));
  t.after(() => rm(directory, { recursive: true }));
  await cp(fileURLToPath(new URL("../src", import.meta.url)), join(directory, "src"), { recursive: true });
  await writeFile(join(directory, "package.json"), '{ "type": "module" }');
  const running = promisify(execFile)(process.execPath, [join(directory, "src", "cbor.js")]);
  await assert.rejects(running, {
    code: 1,
    stderr: /UsageError: holdfast\/cbor needs the package cbor-x; install it with: npm install cbor-x/,
  });
});

test("the peer library itself agrees on what is sent", () => {
  const message = { a: [1, "b", Uint8Array.of(1)], at: new Date(5) };
  assert.deepEqual(decode(cbor().open().encode(message)), message);
});
