import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ByteQueue } from "../../../src/core/byte-queue.js";
import { UsageError } from "../../../src/core/errors.js";
import { type LengthPrefixedOptions, lengthPrefixed } from "../../../src/protocol/framing/length-prefixed.js";
import { framingContract } from "../../../src/testing/framing-contract.js";
import { ascii, asText, framesIn, oneByteAtATime, sentBy } from "./framers.js";

const frames = [ascii(""), ascii("hello"), Uint8Array.from({ length: 256 }, (_, i) => i).subarray(0, 255)];
const long = new Uint8Array(1_024).fill(7);

framingContract(test, lengthPrefixed(), {
  frames: [...frames, long],
  examples: [{ frames: [ascii("hi"), ascii("")], wire: Uint8Array.of(0, 0, 0, 2, 104, 105, 0, 0, 0, 0) }],
  broken: [
    Uint8Array.of(0x80, 0, 0, 0),
    Uint8Array.of(0xff, 0xff, 0xff, 0xff),
    Uint8Array.of(0, 0, 4, 1),
    Uint8Array.of(0, 0, 0),
    Uint8Array.of(0, 0, 0, 2, 104),
    Uint8Array.of(0, 0, 0, 2),
  ],
});

framingContract(test, lengthPrefixed({ endian: "little" }), {
  name: 'lengthPrefixed({ endian: "little" })',
  frames: [...frames, long],
  examples: [{ frames: [ascii("hi")], wire: Uint8Array.of(2, 0, 0, 0, 104, 105) }],
  broken: [Uint8Array.of(0, 0, 0, 0x80), Uint8Array.of(1, 4, 0, 0)],
});

framingContract(test, lengthPrefixed({ size: 2 }), {
  name: "lengthPrefixed({ size: 2 })",
  frames: [...frames, long],
  examples: [
    {
      frames: [ascii("hi"), new Uint8Array(258)],
      wire: Uint8Array.of(0, 2, 104, 105, 1, 2, ...new Uint8Array(258)),
    },
  ],
  broken: [Uint8Array.of(0xff, 0xff), Uint8Array.of(0)],
});

framingContract(test, lengthPrefixed({ size: 2, endian: "little" }), {
  name: 'lengthPrefixed({ size: 2, endian: "little" })',
  frames: [...frames, long],
  examples: [{ frames: [new Uint8Array(258)], wire: Uint8Array.of(2, 1, ...new Uint8Array(258)) }],
});

framingContract(test, lengthPrefixed({ size: 1 }), {
  name: "lengthPrefixed({ size: 1 })",
  frames,
  examples: [{ frames: [ascii("hi"), ascii("")], wire: Uint8Array.of(2, 104, 105, 0) }],
  unsendable: [new Uint8Array(256)],
  broken: [Uint8Array.of(2, 104)],
});

framingContract(test, lengthPrefixed({ size: "varint" }), {
  name: 'lengthPrefixed({ size: "varint" })',
  frames: [...frames, long],
  examples: [
    { frames: [ascii("hi"), ascii("")], wire: Uint8Array.of(2, 104, 105, 0) },
    { frames: [new Uint8Array(127)], wire: Uint8Array.of(0x7f, ...new Uint8Array(127)) },
    { frames: [new Uint8Array(300)], wire: Uint8Array.of(0xac, 0x02, ...new Uint8Array(300)) },
  ],
  broken: [
    Uint8Array.of(0x80),
    Uint8Array.of(0x80, 0x00),
    Uint8Array.of(0x82, 0x80, 0x00),
    Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff),
    Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80),
    Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x7f),
  ],
});

test("a hostile length is refused by its header alone, with nothing of its body waited for", () => {
  for (const [size, header] of [
    [4, [0x80, 0x00, 0x00, 0x00]],
    [4, [0xff, 0xff, 0xff, 0xff]],
    ["varint", [0xff, 0xff, 0xff, 0xff, 0x0f]],
    ["varint", [0xff, 0xff, 0xff, 0xff, 0x7f]],
  ] as const) {
    const framer = lengthPrefixed({ size }).open({ frameBytesMax: 1_048_576 });
    const input = new ByteQueue();
    input.append(Uint8Array.from(header));
    assert.throws(() => framer.decode(input), { code: "ERR_LIMIT", limit: "frameBytesMax" });
    assert.equal(input.size, header.length);
  }
});

test("a frame of 2^32-1 bytes may be announced where the limit allows it, and nothing is set aside for it", () => {
  const framer = lengthPrefixed().open({ frameBytesMax: 2 ** 32 - 1 });
  const input = new ByteQueue();
  input.append(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 1));
  assert.equal(framer.decode(input), undefined);
  assert.equal(input.size, 5);
  assert.throws(() => framer.end(input), {
    message: "the input ended inside a frame: 1 of its 4294967295 bytes were waiting, 4294967294 missing",
  });
});

test("a varint that never ends is refused at its fifth byte", () => {
  const framer = lengthPrefixed({ size: "varint" }).open({ frameBytesMax: 100 });
  const input = new ByteQueue();
  for (let i = 0; i < 4; i += 1) {
    input.append(Uint8Array.of(0x80));
    assert.equal(framer.decode(input), undefined);
  }
  input.append(Uint8Array.of(0x80));
  assert.throws(() => framer.decode(input), {
    code: "ERR_INVALID_BYTES",
    by: "remote",
    message: /goes on behind 5/,
  });
});

test("a varint with more bytes than it needs is refused: one length, one form", () => {
  assert.throws(() => framesIn(lengthPrefixed({ size: "varint" }), "\x85\x00"), {
    code: "ERR_INVALID_BYTES",
  });
});

test("an input that ends inside a frame or a length says how many bytes were waiting and how many missing", () => {
  assert.throws(() => framesIn(lengthPrefixed(), "\0\0\0\x0ahello"), {
    code: "ERR_TRUNCATED",
    by: "remote",
    message: "the input ended inside a frame: 5 of its 10 bytes were waiting, 5 missing",
  });
  assert.throws(() => framesIn(lengthPrefixed(), "\0"), {
    message: "the input ended inside the length of a frame: bytes waiting 1, missing at least 3",
  });
  assert.throws(() => framesIn(lengthPrefixed({ size: "varint" }), "\x80\x80"), {
    message: "the input ended inside the length of a frame: bytes waiting 2, missing at least 1",
  });
});

test("a payload that its length cannot say is not sent, and the error says what can", () => {
  const framer = lengthPrefixed({ size: 1 }).open({ frameBytesMax: 1_000 });
  assert.throws(() => framer.header(new Uint8Array(256)), {
    code: "ERR_INVALID_MESSAGE",
    by: "local",
    message: /256 bytes is too long for a length of size 1, which ends at 255; use lengthPrefixed/,
  });
});

test("a mebibyte that comes one byte at a time is looked at once", () => {
  const frame = new Uint8Array(1_048_576);
  for (const size of [4, "varint"] as const) {
    const work = oneByteAtATime(lengthPrefixed({ size }), frame);
    assert.ok(work.looks < 100, `${work.looks} bytes looked at`);
    assert.ok(work.copied < 4 * frame.length, `${work.copied} bytes copied`);
  }
});

test("any frames come back the same in every form of length", () => {
  const forms: LengthPrefixedOptions[] = [1, 2, 4, "varint" as const].flatMap((size) => [
    { size: size as 1, endian: "big" },
    { size: size as 1, endian: "little" },
  ]);
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), fc.constantFrom(...forms), (sent, form) => {
      const framing = lengthPrefixed(form);
      const framer = framing.open({ frameBytesMax: 255 });
      const wire = sent.map((frame) => asText(sentBy(framer, frame))).join("");
      assert.deepEqual(framesIn(framing, wire, 255), sent.map(asText));
    }),
  );
});

test("an option that is none is a UsageError", () => {
  assert.throws(() => lengthPrefixed({ size: 3 as 4 }), UsageError);
  assert.throws(() => lengthPrefixed({ endian: "middle" as "big" }), UsageError);
});
