// Messages from programs that may never send a line break.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { PlainFraming, type PlainMessage } from "../../src/hub/plain-framing.js";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const quiet = { lineBytesMax: 20, quietMs: 300 };

/** All that can be given out now, messages as text. */
function taken(framing: PlainFraming): string[] {
  const all: string[] = [];
  for (let next = framing.next(); next !== undefined; next = framing.next()) all.push(shown(next));
  return all;
}

function shown(message: PlainMessage): string {
  if (message.kind === "too-long") return "too long";
  return `${new TextDecoder().decode(message.bytes)} (${message.endedBy})`;
}

suite("a message ends", () => {
  test("at a line feed, with or without a carriage return", () => {
    const framing = new PlainFraming(quiet);
    framing.receive(bytesOf("one\ntwo\r\n\nthr"), 0);
    assert.deepEqual(taken(framing), ["one (newline)", "two (newline)", " (newline)"]);
    framing.receive(bytesOf("ee\r"), 1);
    framing.receive(bytesOf("\n"), 2);
    assert.deepEqual(taken(framing), ["three (newline)"]);
  });

  test("when the input does", () => {
    const framing = new PlainFraming(quiet);
    framing.receive(bytesOf("one\ntwo"), 0);
    framing.end();
    assert.deepEqual(taken(framing), ["one (newline)", "two (end)"]);
    assert.equal(framing.deadline, undefined);
  });

  test("after silence, counted from the last byte", () => {
    const framing = new PlainFraming(quiet);
    framing.receive(bytesOf("hel"), 1_000);
    assert.deepEqual(taken(framing), []);
    assert.equal(framing.deadline, 1_300);
    framing.receive(bytesOf("lo"), 1_200);
    assert.equal(framing.deadline, 1_500);
    framing.expire(1_499);
    assert.deepEqual(taken(framing), []);
    framing.expire(1_500);
    assert.deepEqual(taken(framing), ["hello (silence)"]);
    assert.equal(framing.deadline, undefined);
  });

  test("never after silence, where that is turned off", () => {
    const framing = new PlainFraming({ ...quiet, quietMs: 0 });
    framing.receive(bytesOf("hel"), 0);
    assert.equal(framing.deadline, undefined);
    framing.expire(1_000_000);
    assert.deepEqual(taken(framing), []);
    framing.receive(bytesOf("lo\n"), 1_000_001);
    assert.deepEqual(taken(framing), ["hello (newline)"]);
  });
});

test("silence with nothing unfinished is no message", () => {
  const framing = new PlainFraming(quiet);
  framing.receive(bytesOf("one\n"), 0);
  assert.deepEqual(taken(framing), ["one (newline)"]);
  assert.equal(framing.deadline, undefined);
  framing.expire(10_000);
  framing.end();
  assert.deepEqual(taken(framing), []);
});

test("what comes after a message that silence ended is the next one", () => {
  const framing = new PlainFraming(quiet);
  framing.receive(bytesOf("one"), 0);
  framing.expire(300);
  assert.deepEqual(taken(framing), ["one (silence)"]);
  framing.receive(bytesOf("two\nthree"), 400);
  assert.deepEqual(taken(framing), ["two (newline)"]);
  framing.expire(700);
  assert.deepEqual(taken(framing), ["three (silence)"]);
});

test("the zero behind a C string and a lone carriage return are not part of the message", () => {
  const framing = new PlainFraming(quiet);
  framing.receive(bytesOf("temp=21\0"), 0);
  framing.expire(300);
  assert.deepEqual(taken(framing), ["temp=21 (silence)"]);
  framing.receive(bytesOf("typed\r"), 400);
  framing.expire(700);
  assert.deepEqual(taken(framing), ["typed (silence)"]);
  framing.receive(bytesOf("a\0b\0\r\n"), 800);
  assert.deepEqual(taken(framing), ["a\0b (newline)"]);
});

suite("a line that is too long", () => {
  test("is told at once, and skipped up to its line feed, however far that is", () => {
    const framing = new PlainFraming(quiet);
    framing.receive(bytesOf("x".repeat(23)), 0);
    assert.deepEqual(taken(framing), ["too long"]);
    for (let chunk = 0; chunk < 100; chunk += 1) framing.receive(bytesOf("x".repeat(1_000)), 1);
    assert.deepEqual(taken(framing), []);
    assert.equal(framing.peek().length, 0);
    framing.receive(bytesOf("xx\nshort\n"), 2);
    assert.deepEqual(taken(framing), ["short (newline)"]);
  });

  test("is skipped up to a silence too, or the input's end", () => {
    const framing = new PlainFraming(quiet);
    framing.receive(bytesOf("x".repeat(50)), 0);
    assert.deepEqual(taken(framing), ["too long"]);
    assert.equal(framing.deadline, 300);
    framing.expire(300);
    assert.deepEqual(taken(framing), []);
    framing.receive(bytesOf("next"), 400);
    framing.expire(700);
    assert.deepEqual(taken(framing), ["next (silence)"]);
    framing.receive(bytesOf("x".repeat(50)), 800);
    framing.end();
    assert.deepEqual(taken(framing), ["too long"]);
  });

  test("is found when it comes with its line feed, too", () => {
    const framing = new PlainFraming(quiet);
    framing.receive(bytesOf(`${"x".repeat(21)}\n${"y".repeat(20)}\r\n${"z".repeat(20)}\n`), 0);
    assert.deepEqual(taken(framing), [
      "too long",
      `${"y".repeat(20)} (newline)`,
      `${"z".repeat(20)} (newline)`,
    ]);
  });

  test("is not one that has exactly the length allowed, with its carriage return still to be followed", () => {
    const framing = new PlainFraming(quiet);
    framing.receive(bytesOf(`${"x".repeat(20)}\r`), 0);
    assert.deepEqual(taken(framing), []);
    framing.receive(bytesOf("\n"), 1);
    assert.deepEqual(taken(framing), [`${"x".repeat(20)} (newline)`]);
  });
});

test("what was received can be looked at before it is taken", () => {
  const framing = new PlainFraming(quiet);
  framing.receive(bytesOf("he"), 0);
  framing.receive(bytesOf("llo"), 1);
  assert.equal(new TextDecoder().decode(framing.peek()), "hello");
});

test("any cuts give the same messages", () => {
  const piece = fc.constantFrom("a", "bb", "\n", "\r\n", "\r", "\0", "x".repeat(18), "x".repeat(25), "ü");
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 30 }),
      fc.array(fc.nat({ max: 7 }), { maxLength: 60 }),
      (pieces, cuts) => {
        const input = bytesOf(pieces.join(""));
        const whole = new PlainFraming(quiet);
        whole.receive(input, 0);
        const messages = taken(whole);
        whole.end();
        messages.push(...taken(whole));

        const cut = new PlainFraming(quiet);
        const found: string[] = [];
        for (let at = 0, index = 0; at < input.length; index += 1) {
          const size = 1 + (cuts[index] ?? 0);
          cut.receive(input.subarray(at, at + size), 0);
          found.push(...taken(cut));
          at += size;
        }
        cut.end();
        assert.deepEqual([...found, ...taken(cut)], messages);
      },
    ),
  );
});

test("while nobody looks there is no silence", () => {
  const framing = new PlainFraming({ lineBytesMax: 100, quietMs: 300 });
  framing.receive(new TextEncoder().encode("one\nhal"), 0);
  assert.equal(framing.next()?.kind, "message");
  framing.listen(1_000);
  framing.expire(1_100);
  assert.equal(framing.next(), undefined);
  assert.equal(framing.deadline, 1_300);
});
