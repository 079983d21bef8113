import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LimitError, ProtocolError, UsageError } from "../../../src/core/errors.js";
import { delimited } from "../../../src/protocol/framing/delimited.js";
import { framingContract } from "../../../src/testing/framing-contract.js";
import { ascii, asText, framesIn, oneByteAtATime, sentBy } from "./framers.js";

framingContract(test, delimited(Uint8Array.of(0)), {
  name: "delimited(Uint8Array.of(0))",
  frames: [ascii(""), ascii("hello\nworld"), ascii("x".repeat(1_024))],
  examples: [{ frames: [ascii("a"), ascii(""), ascii("b")], wire: ascii("a\0\0b\0") }],
  alsoReads: [{ frames: [ascii("a"), ascii("b")], wire: ascii("a\0b") }],
  unsendable: [ascii("\0"), ascii("a\0b")],
  broken: [ascii("x".repeat(1_025)), ascii(`${"x".repeat(1_025)}\0`)],
});

framingContract(test, delimited("aab", { last: "error" }), {
  name: 'delimited("aab", { last: "error" })',
  frames: [ascii(""), ascii("b"), ascii("ab"), ascii("xaxaa-"), ascii("baba"), ascii("y".repeat(1_000))],
  examples: [{ frames: [ascii("x"), ascii("y")], wire: ascii("xaabyaab") }],
  alsoReads: [{ frames: [ascii("a"), ascii("aa")], wire: ascii("aaabaaaab") }],
  unsendable: [ascii("aab"), ascii("xaaby")],
  broken: [ascii("xaaby"), ascii("a"), ascii("y".repeat(1_027))],
});

framingContract(test, delimited("\r\n\r\n"), {
  name: 'delimited("\\r\\n\\r\\n")',
  frames: [ascii("one\r\ntwo"), ascii("\n\n"), ascii("")],
  alsoReads: [
    { frames: [ascii("\r\r\n"), ascii("\r\n")], wire: ascii("\r\r\n\r\n\r\n\r\n\r\n\r\n\r\n") },
  ].slice(1),
  unsendable: [ascii("\r\n\r\n"), ascii("a\r\n\r\nb")],
});

test("a delimiter is found although a beginning of it stood just before", () => {
  assert.deepEqual(framesIn(delimited("aab"), "aaab"), ["a"]);
  assert.deepEqual(framesIn(delimited("abab-"), "ababab-x"), ["ab", "x"]);
});

test("the first place where the delimiter stands ends the frame", () => {
  assert.deepEqual(framesIn(delimited("aa"), "aaa"), ["", "a"]);
});

test("a payload that would run into its own delimiter is not sent", () => {
  // "a" and "aa" is "aaa" on the wire, which reads as "" and "a".
  assert.throws(() => delimited("aa").open({ frameBytesMax: 9 }).header(ascii("a")), {
    code: "ERR_INVALID_MESSAGE",
    by: "local",
  });
});

test("a string stands for its UTF-8 bytes", () => {
  const framer = delimited("€").open({ frameBytesMax: 9 });
  assert.deepEqual(framer.trailer, Uint8Array.of(0xe2, 0x82, 0xac));
});

test("the delimiter is the framing's own from the start: changing the bytes later changes nothing", () => {
  const mark = Uint8Array.of(59);
  const framing = delimited(mark);
  mark[0] = 0;
  assert.deepEqual(framesIn(framing, "a;b;"), ["a", "b"]);
});

test("the limit counts the frame without its delimiter, and waits for no more than a delimiter's beginning", () => {
  assert.deepEqual(framesIn(delimited("--"), "1234--1234--", 4), ["1234", "1234"]);
  assert.throws(() => framesIn(delimited("--"), "12345--", 4), LimitError);
  assert.throws(() => framesIn(delimited("--"), "123456", 4), LimitError);
  assert.throws(() => framesIn(delimited("--"), "12345", 4), LimitError);
});

test("an empty delimiter and an unknown option are UsageErrors", () => {
  assert.throws(() => delimited(""), UsageError);
  assert.throws(() => delimited(new Uint8Array(0)), UsageError);
  assert.throws(() => delimited(";", { last: "keep" as "error" }), UsageError);
});

test("a mebibyte of half delimiters, one byte at a time, costs a few looks a byte", () => {
  const frame = new Uint8Array(1_048_576).fill(0x61);
  const work = oneByteAtATime(delimited("aab"), frame.fill(0x63, -1));
  assert.ok(work.searched < 4 * frame.length, `${work.searched} bytes searched`);
  assert.ok(work.looks < 4 * frame.length, `${work.looks} bytes looked at`);
  assert.ok(work.copied < 4 * frame.length, `${work.copied} bytes copied`);
});

test("whatever may be sent comes back the same, for any delimiter", () => {
  // Few different bytes, so that delimiters overlap with themselves and with payloads all the time.
  const letters = (minLength: number, maxLength: number) =>
    fc.array(fc.constantFrom(97, 98), { minLength, maxLength }).map((codes) => Uint8Array.from(codes));
  fc.assert(
    fc.property(letters(1, 4), fc.array(letters(0, 8)), (mark, frames) => {
      const framing = delimited(mark);
      const framer = framing.open({ frameBytesMax: 8 });
      const sent: Uint8Array[] = [];
      let wire = "";
      for (const frame of frames) {
        try {
          wire += asText(sentBy(framer, frame));
          sent.push(frame);
        } catch (error) {
          assert.ok(error instanceof ProtocolError);
          // Refused for a reason: it would have been read otherwise.
          const alone = framesIn(framing, `${asText(frame)}${asText(mark)}`);
          assert.notDeepEqual(alone, [asText(frame)]);
        }
      }
      assert.deepEqual(framesIn(framing, wire), sent.map(asText));
    }),
  );
});
