import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";

import { join, LineCutter, ReturnAdder } from "../../../src/cli/talk/lines.js";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function cut(...chunks: string[]): string[] {
  const cutter = new LineCutter();
  return [...chunks.flatMap((chunk) => cutter.push(bytesOf(chunk))), ...cutter.rest()].map(textOf);
}

test("lines end at LF or CRLF, and the last needs no end", () => {
  assert.deepEqual(cut("a\r\nb\n\nc"), ["a", "b", "", "c"]);
  assert.deepEqual(cut("a\n"), ["a"]);
  assert.deepEqual(cut(), []);
});

test("wherever the input is cut, the lines are the same", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "b", "\r", "\n", "")), (pieces) => {
      assert.deepEqual(cut(...pieces), cut(pieces.join("")));
    }),
  );
});

test("what is kept of a line does not change with the buffer that it came in", () => {
  const cutter = new LineCutter();
  const buffer = bytesOf("abc");
  cutter.push(buffer);
  buffer.fill(0x78);
  assert.deepEqual(cutter.push(bytesOf("d\n")).map(textOf), ["abcd"]);
});

test("a line that never ends meets its bound", () => {
  const cutter = new LineCutter();
  const chunk = new Uint8Array(65_536);
  assert.throws(
    () => {
      for (let count = 0; count < 17; count += 1) cutter.push(chunk);
    },
    { code: "ERR_LIMIT", message: /^read stdin: frameBytesMax is 1048576/ },
  );
});

test("LF becomes CRLF, and CRLF stays, wherever the input is cut", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "\r", "\n", "\n\n", "")), (pieces) => {
      const adder = new ReturnAdder();
      const added = pieces.flatMap((piece) => adder.push(bytesOf(piece)));
      assert.deepEqual(adder.rest(), []);
      assert.equal(textOf(join(added)), pieces.join("").replaceAll(/(?<!\r)\n/g, "\r\n"));
    }),
  );
});
