import assert from "node:assert/strict";
import { suite, test } from "node:test";

import {
  datagramFormatOf,
  type FormatChoice,
  formatOf,
  sessionFormatOf,
  untouched,
} from "../../../src/cli/talk/format.js";

const choice = (more: Partial<FormatChoice>): FormatChoice => ({
  framing: "chunks",
  encoding: "bytes",
  eol: undefined,
  ...more,
});
const texts = (messages: readonly Uint8Array[]) =>
  messages.map((message) => new TextDecoder().decode(message));
const bytes = (text: string) => new TextEncoder().encode(text);

test("with nothing said, bytes pass as they are", () => {
  const chunk = bytes("a\r\nb");
  const input = untouched.openInput();
  assert.deepEqual(input.push(chunk), [chunk]);
  assert.equal(input.push(chunk)[0], chunk);
  assert.deepEqual(input.rest(), []);
  assert.equal(untouched.trailer.length, 0);
  assert.equal(untouched.keepsBoundaries, false);
});

test("chunks with --eol crlf have CRLF for every LF, as nc -C sends them", () => {
  assert.deepEqual(
    texts(
      formatOf(choice({ eol: "crlf" }))
        .openInput()
        .push(bytes("a\nb")),
    ),
    ["a\r\nb"],
  );
});

suite("with a framing, a message is a line of stdin, and of stdout:", () => {
  const cases: [Partial<FormatChoice>, name: string, trailer: string][] = [
    [{ framing: "lines" }, "lines", "\n"],
    [{ framing: "lines", eol: "crlf" }, "lines", "\n"],
    [{ framing: "nul" }, "delimited", "\n"],
    [{ framing: "nul", eol: "crlf" }, "delimited", "\r\n"],
    [{ framing: "length4" }, "lengthPrefixed", "\n"],
    [{ framing: "length4", eol: "none" }, "lengthPrefixed", ""],
  ];
  for (const [options, name, trailer] of cases) {
    test(JSON.stringify(options), () => {
      const format = formatOf(choice(options));
      assert.equal(format.framing?.name, name);
      assert.equal(new TextDecoder().decode(format.trailer), trailer);
      assert.deepEqual(texts(format.openInput().push(bytes("a\nb\n"))), ["a", "b"]);
    });
  }
});

test("--eol crlf is what a line ends with on the wire", () => {
  const framer = formatOf(choice({ framing: "lines", eol: "crlf" })).framing?.open({ frameBytesMax: 10 });
  assert.deepEqual([...(framer?.trailer ?? [])], [13, 10]);
});

test("choices that do not go together are refused, with ones that do", () => {
  const wrong: [() => unknown, RegExp][] = [
    [() => formatOf(choice({ framing: "lines", eol: "none" })), /use lf or crlf/],
    [() => formatOf(choice({ encoding: "json" })), /add --framing lines/],
    [() => datagramFormatOf(choice({ framing: "nul" })), /a datagram is a message by itself/],
    [() => datagramFormatOf(choice({ framing: "length4" })), /a datagram is a message by itself/],
  ];
  for (const [make, message] of wrong) assert.throws(make, { name: "UsageError", message });
});

test("datagrams are messages by themselves: JSON needs no framing there, and lines puts one on a line", () => {
  assert.equal(datagramFormatOf(choice({ encoding: "json" })).encoding.name, "json");
  const lines = datagramFormatOf(choice({ framing: "lines" }));
  assert.deepEqual(texts(lines.openInput().push(bytes("a\nb\n"))), ["a", "b"]);
  assert.deepEqual([...lines.trailer], [10]);
});

test("in a session each line is a message, and each message a line", () => {
  const { openInput, trailer, encoding } = sessionFormatOf({ encoding: "json", eol: undefined });
  const input = openInput();
  assert.deepEqual(texts([...input.push(bytes("1\r\n2\n3")), ...input.rest()]), ["1", "2", "3"]);
  assert.deepEqual(texts([trailer]), ["\n"]);
  assert.deepEqual(texts([encoding.open().decode(bytes("[1,\n2]"), false) ?? bytes("")]), ["[1, 2]"]);
  assert.equal(sessionFormatOf({ encoding: "bytes", eol: "none" }).trailer.length, 0);
});
