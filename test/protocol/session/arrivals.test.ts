// What the peer's frames do, and what each of them may not.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { frameTypes } from "../../../src/protocol/session/frames.js";
import { encodeOpenHead } from "../../../src/protocol/session/open-frame.js";
import { encodeAbort, encodeClose, encodeGoAway } from "../../../src/protocol/session/words.js";
import { joined } from "../../../src/testing/cuts.js";
import { ack, counters, frame, none, SessionSide, text } from "../../support/session-side.js";

const limits = { streamsMax: 2, mainCreditBytes: 262_144, messageBytesMax: 262_144 };

function clientOf(): SessionSide {
  const side = new SessionSide({ limits });
  side.attach();
  side.writes();
  return side;
}

function open(stream: number, seq: number, message?: Uint8Array, isLast = false): Uint8Array {
  const head = encodeOpenHead({ name: `s${stream}`, metadata: [stream] }, message !== undefined, 4_096);
  return frame("open", { stream, seq, isLast, payload: joined([head, message ?? none]) });
}

suite("streams that the peer opens", () => {
  test("have its name, its metadata and perhaps a first message, which may be empty", () => {
    const side = clientOf();
    side.receive(open(2, 1, text("hello")), open(4, 2, none));
    const [first, second] = side.opened;
    assert.ok(first !== undefined && second !== undefined);
    assert.deepEqual([first.name, first.metadata, first.isOurs], ["s2", [2], false]);
    assert.deepEqual(side.read(first), text("hello"));
    assert.equal(side.read(first), undefined);
    assert.deepEqual(side.read(second), none);
    assert.equal(first.receiving, "open");
  });

  test("may end with their OPEN, with a message or without", () => {
    const side = clientOf();
    side.receive(open(2, 1, text("the last"), true), open(4, 2, undefined, true));
    for (const flow of side.opened) assert.equal(flow.receiving, "over");
    assert.deepEqual(
      side.opened.map((flow) => side.read(flow)),
      [text("the last"), undefined],
    );
  });

  test("are free for another one when both directions are over", () => {
    const side = clientOf();
    side.receive(open(2, 1, none, true), open(4, 2, none, true));
    const [flow] = side.opened;
    assert.ok(flow !== undefined);
    side.machine.send(flow, text("reply"), true);
    side.writes();
    side.receive(ack(1), open(2, 3));
    assert.equal(side.brokenBy, undefined);
    assert.equal(side.opened.length, 3);
    assert.notEqual(side.machine.streams.get(2), flow);
  });

  test("may be aborted while our own direction goes on waiting, which then fails", () => {
    const side = clientOf();
    side.receive(open(2, 1, text("readable")));
    const [flow] = side.opened;
    assert.ok(flow !== undefined);
    const failed: string[] = [];
    side.wait(flow, frameTypes.data, { message: new Uint8Array(262_144) });
    side.wait(flow, frameTypes.data, { message: none, onFailed: ({ message }) => failed.push(message) });
    const payload = encodeAbort({ code: "enough", reason: "no more" });
    side.receive(frame("abort", { stream: 2, seq: 2, payload }));
    assert.deepEqual(failed, ["no more"]);
    assert.deepEqual(flow.abortedByPeer, { code: "enough", reason: "no more" });
    assert.deepEqual(side.read(flow), text("readable"));
    const said = side.said();
    assert.equal(said.at(-1), "abort on 2 #2", "the answer");
    side.receive(ack(2));
    assert.equal(side.machine.streams.size, 0);
  });

  test("an ABORT is not answered by a direction that has ended, and says `aborted` without words", () => {
    const side = clientOf();
    const flow = side.open("mine", none, true);
    side.writes();
    side.receive(frame("abort", { stream: 1, seq: 1 }));
    assert.deepEqual(flow.abortedByPeer, { code: "aborted", reason: "" });
    side.receive(ack(1));
    assert.equal(side.machine.streams.size, 0);
    assert.deepEqual(side.said(), []);
  });

  test("an ABORT may come behind the end of its direction, and for a stream that is over", () => {
    const side = clientOf();
    const flow = side.open("mine");
    side.writes();
    side.receive(frame("end", { stream: 1, seq: 1 }), frame("abort", { stream: 1, seq: 2 }));
    assert.notEqual(flow.abortedByPeer, undefined);
    side.writes();
    side.receive(ack(2), frame("abort", { stream: 1, seq: 3 }), frame("abort", { stream: 8, seq: 4 }));
    assert.equal(side.brokenBy, undefined);
    assert.equal(side.machine.received, 4);
  });

  test("ABORT crosses END: what each sent is over when it is acknowledged", () => {
    const side = clientOf();
    const flow = side.open("mine");
    side.wait(flow, frameTypes.end);
    side.writes();
    side.receive(ack(1), frame("abort", { stream: 1, seq: 1 }));
    assert.equal(flow.sending, "ended");
    assert.equal(side.machine.streams.size, 1);
    side.receive(ack(2));
    assert.equal(side.machine.streams.size, 0);
  });
});

suite("credit", () => {
  test("lets what waits go", () => {
    const side = clientOf();
    const { main } = side.machine.streams;
    side.machine.send(main, new Uint8Array(262_144), false);
    for (let sent = 1; sent < 4; sent += 1) side.machine.send(main, new Uint8Array(262_144), false);
    let isTaken = false;
    side.wait(main, frameTypes.data, { message: text("waiting"), onTaken: () => (isTaken = true) });
    side.writes();
    side.receive(ack(4));
    assert.ok(!isTaken);
    side.receive(frame("credit", { payload: counters(1_048_576 + 262_144, 1) }));
    assert.ok(isTaken);
    assert.deepEqual(main.untaken, { messages: 4, bytes: 3 * 262_144 + 64 });
  });

  test("for a stream that is not in use is ignored", () => {
    const side = clientOf();
    side.receive(frame("credit", { stream: 77, payload: counters(1, 9) }));
    assert.equal(side.brokenBy, undefined);
  });
});

suite("a server that has not been confirmed", () => {
  test("takes an ACK first, and is confirmed by it once", () => {
    const side = new SessionSide({ isClient: false });
    side.attach();
    side.receive(ack(0), ack(0));
    assert.deepEqual(side.events, ["confirmed"]);
  });

  test("takes a resume for it", () => {
    const side = new SessionSide({ isClient: false });
    side.attach();
    side.machine.detach();
    side.machine.confirm();
    side.attach();
    side.receive(frame("data", { seq: 1 }));
    assert.deepEqual(side.events, ["confirmed"]);
    assert.equal(side.machine.received, 1);
  });

  for (const [what, first] of [
    ["a message", frame("data", { seq: 1 })],
    ["a stream", open(1, 1)],
    ["PING", frame("ping", { payload: new Uint8Array(8) })],
  ] as const) {
    test(`cuts the link on ${what}`, () => {
      const side = new SessionSide({ isClient: false });
      side.attach();
      side.receive(first);
      assert.match(side.brokenBy ?? "", /before the first ack/);
      assert.equal(side.machine.received, 0);
    });
  }
});

test("GOAWAY is told, each time that it comes", () => {
  const side = clientOf();
  const payload = encodeGoAway({ reason: "soon", retryAfterMs: 500 });
  side.receive(frame("goAway", { payload }), frame("goAway"));
  assert.deepEqual(side.goAways, [
    { reason: "soon", retryAfterMs: 500 },
    { reason: "", retryAfterMs: 0 },
  ]);
});

const words = (final: number, code = "closed") =>
  frame("close", { payload: encodeClose({ final, code, reason: "why" }) });

/** What breaks the link, on a client with one stream of its own, after one message and one stream of the peer's. */
const linkViolations: readonly [code: RegExp, what: string, ...frames: Uint8Array[]][] = [
  [/0xc is no frame type/, "a type that does not exist", frame(0x0c)],
  [/hello after the handshake/, "a frame of the handshake", frame("hello")],
  [/resumed after the handshake/, "another", frame("resumed", { payload: new Uint8Array(32) })],
  [/ack with 9 bytes/, "a wrong length", frame("ack", { payload: new Uint8Array(9) })],
  [
    /data with 262145 bytes/,
    "a message that is too long",
    frame("data", { seq: 3, payload: new Uint8Array(262_145) }),
  ],
  [
    /open with 262145 bytes/,
    "a first message that is too long",
    frame("open", {
      seq: 3,
      stream: 4,
      payload: joined([Uint8Array.of(1, 0, 0, 0, 0), new Uint8Array(262_145)]),
    }),
  ],
  [
    /open with 4097 bytes/,
    "metadata that is too long",
    frame("open", {
      seq: 3,
      stream: 4,
      payload: joined([Uint8Array.of(0, 0, 0, 0xfc, 0x0f), new Uint8Array(4_092)]),
    }),
  ],
  [
    /flags 2/,
    "an OPEN that cannot be read",
    frame("open", { seq: 3, stream: 4, payload: Uint8Array.of(2, 0, 0, 0, 0) }),
  ],
  [/above 2\^53/, "an ACK above 2^53", frame("ack", { payload: new Uint8Array(8).fill(0xff) })],
  [/above 2\^53/, "a CREDIT above 2^53", frame("credit", { payload: new Uint8Array(16).fill(0xff) })],
  [/./, "an ABORT that cannot be read", frame("abort", { seq: 3, stream: 2, payload: text("{") })],
  [/frame 3 is missing/, "a gap", frame("data", { seq: 4 })],
  [/stream 2 is in use/, "a stream that is in use", open(2, 3)],
  [/not the peer's to open/, "a stream with our own parity", open(3, 3)],
  [/more than 2 streams/, "a stream too many", open(4, 3), open(6, 4)],
  [/data for stream 4/, "a message on no stream", frame("data", { seq: 3, stream: 4 })],
  [/end for stream 4/, "END on no stream", frame("end", { seq: 3, stream: 4 })],
  [
    /data for stream 2, which has ended/,
    "a message behind the last",
    frame("data", { seq: 3, stream: 2, isLast: true }),
    frame("data", { seq: 4, stream: 2 }),
  ],
  [
    /end for stream 2, which has ended/,
    "END behind END",
    frame("end", { seq: 3, stream: 2 }),
    frame("end", { seq: 4, stream: 2 }),
  ],
  [
    /data for stream 2/,
    "a message behind ABORT",
    frame("abort", { seq: 3, stream: 2 }),
    frame("data", { seq: 4, stream: 2 }),
  ],
  [
    /stream 2 was aborted before/,
    "ABORT behind ABORT",
    frame("abort", { seq: 3, stream: 2 }),
    frame("abort", { seq: 4, stream: 2 }),
  ],
  [
    /more than were allowed/,
    "a message beyond the allowance",
    frame("data", { seq: 3, payload: new Uint8Array(262_100) }),
  ],
  [/credit was taken back/, "a CREDIT that falls", frame("credit", { payload: counters(1, 0) })],
  [
    /more was taken than was sent/,
    "a CREDIT that counts too much",
    frame("credit", { payload: counters(1_048_576, 1) }),
  ],
  [/an ACK of 0 behind one of 1/, "an ACK that falls", ack(1), ack(0)],
  [/./, "a GOAWAY that cannot be read", frame("goAway", { payload: text("[]") })],
  [/./, "a CLOSE without a code", frame("close", { payload: text("{}") })],
];

const sessionViolations: readonly [reason: RegExp, what: string, ...frames: Uint8Array[]][] = [
  [/frame 2 was never sent/, "an ACK of what was never sent", ack(2)],
  [/frame 3, and 2 was the final one/, "a frame above the final one", words(2), frame("data", { seq: 3 })],
  [/1 cannot be the final frame/, "a final frame that was passed", words(1)],
  [/3 cannot be the final frame/, "another final frame than before", words(2), words(3)],
  [/CLOSE_ACK came too early/, "CLOSE_ACK without CLOSE", frame("closeAck")],
];

function inTheMiddle(): SessionSide {
  const side = clientOf();
  side.open("mine");
  side.writes();
  side.receive(frame("data", { seq: 1, payload: text("before") }), open(2, 2));
  assert.equal(side.machine.received, 2);
  return side;
}

suite("what breaks the link alone", () => {
  for (const [reason, what, ...frames] of linkViolations) {
    test(what, () => {
      const side = inTheMiddle();
      side.receive(...frames.slice(0, -1));
      assert.equal(side.brokenBy, undefined);
      const { received } = side.machine;
      side.receive(frames.at(-1) ?? none, frame("data", { seq: received + 1, payload: text("behind") }));
      assert.match(side.brokenBy ?? "", reason);
      assert.ok(!side.events.some((event) => event.startsWith("closed")));
      assert.ok(!side.machine.isAttached);
      assert.equal(side.machine.received, received, "the frame has not arrived");

      side.attach(side.machine.sent);
      side.receive(frame(0x0c));
      assert.equal(side.ending?.code, "protocol", "a second one at the same place");
      assert.equal(side.said().at(-1), "close");
    });
  }
});

suite("what ends the session", () => {
  for (const [reason, what, ...frames] of sessionViolations) {
    test(what, () => {
      const side = inTheMiddle();
      side.receive(...frames);
      assert.equal(side.ending?.code, "protocol");
      assert.equal(side.ending?.by, "remote");
      assert.match(side.ending?.reason ?? "", reason);
      assert.equal(side.brokenBy, undefined);
      assert.deepEqual(side.said().slice(-1), ["close"]);
    });
  }
});

test("a violation, a message that gets through, and another violation end links only", () => {
  const side = inTheMiddle();
  side.receive(frame(0x0c));
  side.attach(1);
  side.receive(frame("data", { seq: 3 }), frame(0x0c));
  assert.notEqual(side.brokenBy, undefined);
  assert.equal(side.ending, undefined);
});

test("links that are merely cut never count", () => {
  const side = inTheMiddle();
  side.receive(frame(0x0c));
  for (let cut = 0; cut < 5; cut += 1) {
    side.attach(1);
    side.machine.detach();
  }
  assert.equal(side.ending, undefined);
});

test("streams that are opened and aborted too fast end the session", () => {
  const side = clientOf();
  let seq = 0;
  for (let stream = 0; side.ending === undefined && seq < 10_000; stream += 1) {
    side.receive(open(2 + 2 * stream, seq + 1), frame("abort", { stream: 2 + 2 * stream, seq: seq + 2 }));
    seq += 2;
    const sent = side.machine.sent;
    side.writes();
    if (side.ending === undefined) side.receive(ack(sent));
  }
  assert.equal(side.ending?.code, "abuse");
  assert.equal(seq, 2 * 2_049);
});

test("streams that we have answered, or opened ourselves, may be aborted freely", () => {
  const side = clientOf();
  for (let turn = 0; turn < 3_000; turn += 1) {
    const stream = 2 + 2 * turn;
    side.receive(open(stream, 2 * turn + 1));
    const flow = side.machine.streams.get(stream);
    assert.ok(flow !== undefined);
    side.machine.send(flow, none, false);
    side.receive(frame("abort", { stream, seq: 2 * turn + 2 }));
    side.writes();
    side.receive(ack(side.machine.sent));
  }
  assert.equal(side.ending, undefined);
  assert.equal(side.machine.streams.size, 0);
});

test("behind a CLOSE that ends the session at once nothing is taken, even of the same chunk", () => {
  const side = inTheMiddle();
  side.receive(words(0, "evicted"), frame("data", { seq: 3, payload: text("behind") }), frame(0x0c));
  assert.deepEqual(side.ending, { by: "remote", code: "evicted", reason: "why", isHeard: true });
  assert.equal(side.machine.received, 2);
  assert.deepEqual(side.said(), []);
  assert.deepEqual(side.read(), text("before"), "what had arrived stays readable");
});

test("CLOSE fails what waits, and is told once", () => {
  const side = clientOf();
  const failed: string[] = [];
  const { main } = side.machine.streams;
  for (let sent = 0; sent < 5; sent += 1) {
    side.wait(main, frameTypes.data, {
      message: new Uint8Array(262_144),
      onFailed: ({ message }) => failed.push(message),
    });
  }
  side.receive(words(0));
  assert.deepEqual(failed, ["the peer is closing the session"]);
  assert.ok(side.machine.isClosing);
  side.receive(words(0));
  assert.deepEqual(side.events, ["peer closing: why"]);
  assert.deepEqual(side.said().slice(0, 2), ["close", "closeAck"]);
});

test("an ABORT that comes when CLOSE is said is not answered", () => {
  const side = inTheMiddle();
  side.machine.close("enough");
  assert.ok(side.said().includes("close"));
  side.receive(frame("abort", { stream: 2, seq: 3 }));
  assert.equal(side.machine.sent, 1);
  assert.equal(side.brokenBy, undefined);
});
