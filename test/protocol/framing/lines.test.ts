import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ByteQueue } from "../../../src/core/byte-queue.js";
import { LimitError, ProtocolError, UsageError } from "../../../src/core/errors.js";
import { lines } from "../../../src/protocol/framing/lines.js";
import { framingContract } from "../../../src/testing/framing-contract.js";
import { ascii, asText, framesIn, oneByteAtATime, sentBy } from "./framers.js";

const someLines = [
  ascii(""),
  ascii("hello"),
  ascii("with\rreturn inside"),
  ascii("x".repeat(1_024)),
  ascii("ü €"),
];

framingContract(test, lines(), {
  frames: someLines,
  examples: [{ frames: [ascii("one"), ascii(""), ascii("two")], wire: ascii("one\n\ntwo\n") }],
  alsoReads: [
    { frames: [ascii("one"), ascii(""), ascii("two")], wire: ascii("one\r\n\r\ntwo") },
    { frames: [ascii("a\r"), ascii("b")], wire: ascii("a\r\r\nb\n") },
    { frames: [ascii("a"), ascii("b\r")], wire: ascii("a\nb\r") },
    { frames: [ascii("\rb")], wire: ascii("\rb\n") },
  ],
  unsendable: [ascii("two\nlines"), ascii("\n"), ascii("half a break\r")],
  broken: [ascii("x".repeat(1_025)), ascii(`${"x".repeat(1_025)}\n`), ascii(`${"x".repeat(1_024)}\r`)],
});

framingContract(test, lines({ eol: "crlf", last: "error" }), {
  name: 'lines({ eol: "crlf", last: "error" })',
  frames: [...someLines, ascii("ends in a return\r")],
  examples: [{ frames: [ascii("one"), ascii("")], wire: ascii("one\r\n\r\n") }],
  alsoReads: [{ frames: [ascii("one"), ascii("")], wire: ascii("one\n\n") }],
  unsendable: [ascii("two\r\nlines")],
  broken: [ascii("one\ntw"), ascii("\r")],
});

test("both kinds of line break are read, mixed as they come", () => {
  assert.deepEqual(framesIn(lines(), "a\r\nb\nc\r\n"), ["a", "b", "c"]);
});

test("an unterminated last line is delivered as it stands, a lone carriage return included", () => {
  assert.deepEqual(framesIn(lines(), "a\nlast"), ["a", "last"]);
  assert.deepEqual(framesIn(lines(), "a\nlast\r"), ["a", "last\r"]);
  assert.deepEqual(framesIn(lines(), "\r"), ["\r"]);
});

test("an unterminated last line is an error where that is asked for, which says how much was waiting", () => {
  assert.throws(() => framesIn(lines({ last: "error" }), "a\nlast"), {
    code: "ERR_TRUNCATED",
    by: "remote",
    message: "the input ended inside a line: 4 bytes were waiting for a line break",
  });
  assert.deepEqual(framesIn(lines({ last: "error" }), "a\n"), ["a"]);
});

test("the limit counts the line without its break, whichever break it has", () => {
  assert.deepEqual(framesIn(lines(), "1234\n1234\r\n1234", 4), ["1234", "1234", "1234"]);
  for (const wire of ["12345\n", "12345\r\n", "12345", "1234\r"]) {
    assert.throws(() => framesIn(lines(), wire, 4), LimitError, JSON.stringify(wire));
  }
});

test("a line that outgrows the limit is an error while it is still coming", () => {
  const framer = lines().open({ frameBytesMax: 4 });
  const input = new ByteQueue();
  input.append(ascii("1234\r"));
  assert.equal(framer.decode(input), undefined, "the carriage return may be half of a break");
  input.append(ascii("5"));
  assert.throws(() => framer.decode(input), { code: "ERR_LIMIT", limit: "frameBytesMax" });
});

test("a message with a line break inside is not sent, and the error says where it is and what to do", () => {
  const framer = lines().open({ frameBytesMax: 100 });
  assert.throws(() => framer.header(ascii("one\ntwo")), {
    name: "ProtocolError",
    code: "ERR_INVALID_MESSAGE",
    by: "local",
    message: /a line break at byte 3.*lengthPrefixed\(\)/,
  });
});

test("a message that ends in a carriage return is sent only where the receiver can tell it from the break", () => {
  const frame = ascii("odd\r");
  assert.throws(() => lines().open({ frameBytesMax: 100 }).header(frame), ProtocolError);
  const wire = asText(sentBy(lines({ eol: "crlf" }).open({ frameBytesMax: 100 }), frame));
  assert.deepEqual(framesIn(lines(), String(wire)), ["odd\r"]);
});

test("a mebibyte that comes one byte at a time is searched once", () => {
  const frame = new Uint8Array(1_048_576).fill(0x61);
  const work = oneByteAtATime(lines(), frame);
  assert.ok(work.searched < 3 * frame.length, `${work.searched} bytes searched`);
  assert.ok(work.looks < 3 * frame.length, `${work.looks} bytes looked at`);
  assert.ok(work.copied < 4 * frame.length, `${work.copied} bytes copied`);
});

test("any lines come back the same, whichever break is sent", () => {
  const line = fc
    .uint8Array({ maxLength: 80 })
    .map((bytes) => bytes.filter((byte) => byte !== 10 && byte !== 13));
  fc.assert(
    fc.property(fc.array(line), fc.constantFrom("lf" as const, "crlf" as const), (frames, eol) => {
      const framer = lines({ eol }).open({ frameBytesMax: 80 });
      const wire = frames.map((frame) => asText(sentBy(framer, frame))).join("");
      assert.deepEqual(framesIn(lines(), wire, 80), frames.map(asText));
    }),
  );
});

test("an option that is none is a UsageError", () => {
  assert.throws(() => lines({ eol: "cr" as "lf" }), UsageError);
  assert.throws(() => lines({ last: "drop" as "error" }), UsageError);
});

test("lines are text unless another encoding is chosen", () => {
  assert.equal(lines().defaultEncoding.name, "text");
});
