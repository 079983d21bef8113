// One side of a session as a whole: links that come and go, time, and the ends that it can have.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { frameTypes, headerBytes } from "../../../src/protocol/session/frames.js";
import { decodeClose, encodeClose } from "../../../src/protocol/session/words.js";
import { joined } from "../../../src/testing/cuts.js";
import { SessionPair, type SideName, sideNames } from "../../support/session-pair.js";
import { ack, frame, framesIn, none, SessionSide, text } from "../../support/session-side.js";

const aborted = { by: "local", code: "aborted", reason: "enough" } as const;

function attached(isClient = true): SessionSide {
  const side = new SessionSide({ isClient });
  side.attach();
  return side;
}

/** A pair on its first link, the server confirmed. */
function pairOf(): SessionPair {
  const pair = new SessionPair();
  pair.connect();
  pair.settle();
  return pair;
}

function say(pair: SessionPair, name: SideName, ...messages: readonly string[]): void {
  const { machine } = pair[name];
  for (const message of messages) machine.send(machine.streams.main, text(message), false);
}

function heard(pair: SessionPair, name: SideName): string[] {
  const messages: string[] = [];
  for (let next = pair[name].read(); next !== undefined; next = pair[name].read()) {
    messages.push(Buffer.from(next).toString());
  }
  return messages;
}

suite("links", () => {
  test("the first thing that either side says is ACK", () => {
    for (const isClient of [true, false]) {
      const side = attached(isClient);
      assert.ok(side.wantsToWrite);
      side.machine.send(side.machine.streams.main, text("hello"), false);
      assert.deepEqual(side.said(), ["ack", "data #1"]);
    }
  });

  test("what was lost with a link comes over the next one, and what was not does not come twice", () => {
    const pair = pairOf();
    say(pair, "client", "one");
    pair.settle();
    say(pair, "client", "two", "three");
    say(pair, "server", "uno");
    pair.write("client");
    pair.finish("client");
    pair.deliver("server", 3 * headerBytes);
    pair.cut("client");
    assert.ok(!pair.client.machine.isAttached);
    pair.connect();
    pair.settle();
    assert.deepEqual(heard(pair, "server"), ["one", "two", "three"]);
    assert.deepEqual(heard(pair, "client"), ["uno"]);
    assert.equal(pair.server.machine.received, 3);
    pair.advance(50);
    pair.settle();
    assert.equal(pair.client.machine.acknowledged, 3);
    assert.equal(pair.client.machine.outboxBytes, 0);
  });

  test("what a side sends without a link waits in its outbox for the next", () => {
    const pair = pairOf();
    pair.cut("client");
    say(pair, "client", "one", "two");
    assert.equal(pair.client.machine.unwrittenBytes, 2 * (headerBytes + 3));
    assert.equal(pair.client.machine.writing(0), undefined);
    assert.equal(pair.client.machine.deadline, Number.POSITIVE_INFINITY);
    pair.connect();
    pair.settle();
    assert.deepEqual(heard(pair, "server"), ["one", "two"]);
  });

  test("a link whose answer was lost is replaced by the next", () => {
    const pair = pairOf();
    say(pair, "server", "hello");
    assert.ok(!pair.connect(true));
    pair.write("server");
    assert.ok(pair.connect());
    pair.settle();
    assert.deepEqual(heard(pair, "client"), ["hello"]);
    assert.ok(pair.slabsTaken() > 0);
  });

  test("a second link before the first is cut is a mistake", () => {
    const side = attached();
    assert.throws(() => side.attach(), /before the old one was cut/);
  });

  test("what a peer says that it has received is believed only if it can be", () => {
    const side = attached();
    side.machine.send(side.machine.streams.main, text("one"), false);
    assert.ok(!side.machine.mayHaveReceived(1), "it was not written");
    side.writes();
    assert.ok(side.machine.mayHaveReceived(1));
    assert.ok(!side.machine.mayHaveReceived(2));
    side.receive(ack(1));
    assert.ok(!side.machine.mayHaveReceived(0));
    side.machine.detach();
    side.attach(0);
    assert.equal(side.ending?.code, "protocol");
    assert.equal(side.said().at(-1), "close");
  });

  test("bytes that come without a link are nobody's", () => {
    const side = attached();
    side.machine.detach();
    side.receive(frame(0x0c));
    assert.deepEqual(side.events, []);
  });

  test("what is not acknowledged can be listed, with each frame's stream", () => {
    const side = attached();
    side.open("mine", text("first"));
    side.machine.send(side.machine.streams.main, text("second"), false);
    side.writes();
    side.receive(ack(1));
    const list = [...side.machine.unacknowledged()];
    assert.deepEqual(list, [{ type: frameTypes.data, stream: 0, payload: text("second") }]);
  });
});

suite("time", () => {
  test("a silent link is asked for a sign of life, and cut when none comes", () => {
    const side = attached();
    side.writes();
    assert.equal(side.machine.deadline, 5_000);
    side.advance(5_000);
    assert.deepEqual(side.said(), ["ping"]);
    side.advance(5_000);
    assert.deepEqual(side.said(), ["ping"]);
    side.advance(4_999);
    assert.equal(side.brokenBy, undefined);
    side.advance(1);
    assert.equal(side.brokenBy, "the peer gave no sign of life");
    assert.ok(!side.machine.isAttached);
    assert.equal(side.ending, undefined);
  });

  test("two sides that say nothing keep their link with PINGs alone", () => {
    const pair = pairOf();
    for (let second = 0; second < 120; second += 1) {
      pair.advance(1_000);
      pair.settle();
    }
    assert.ok(pair.client.machine.isAttached && pair.server.machine.isAttached);
    assert.deepEqual(pair.client.events, []);
    assert.equal(pair.client.machine.roundTripMs, 0);
  });

  test("a machine that slept asks first", () => {
    const side = attached();
    side.writes();
    side.now = 3_600_000;
    side.machine.expire(side.now);
    assert.deepEqual(side.said(), ["ping"]);
    side.advance(1_999);
    assert.equal(side.brokenBy, undefined);
    side.advance(1);
    assert.notEqual(side.brokenBy, undefined);
  });

  test("a doubtful link is asked at once, and lives if anything comes", () => {
    const side = attached();
    side.writes();
    side.machine.probe(side.now);
    assert.deepEqual(side.said(), ["ping"]);
    side.receive(ack(0).subarray(0, 1));
    side.advance(2_000);
    assert.equal(side.brokenBy, undefined);
  });

  test("a doubt without a link is none", () => {
    const side = attached();
    side.machine.detach();
    side.machine.probe(0);
    side.machine.expire(100_000);
    assert.deepEqual(side.events, []);
  });
});

/** Lets the pair go on, over new links where one is cut, until both sides have ended. */
function untilOver(pair: SessionPair): void {
  for (let turn = 0; turn < 10 && !pair.isOver; turn += 1) {
    if (!pair.isOn("client")) pair.connect();
    pair.settle();
    // Whoever is done lets go of a link that the other has left.
    if (!pair.isOn("server")) pair.cut("client");
  }
  assert.ok(pair.isOver);
}

suite("an end in order", () => {
  for (const closers of [["client"], ["server"], ["client", "server"]] as const) {
    test(`wished by ${closers.join(" and ")}`, () => {
      const pair = pairOf();
      say(pair, "client", "from the client");
      say(pair, "server", "from the server");
      for (const name of closers) pair[name].machine.close("that is all");
      pair.settle();
      assert.ok(pair.isOver);
      for (const name of sideNames) {
        const by = closers.some((closer) => closer === name) ? "local" : "remote";
        assert.deepEqual(pair[name].ending, { by, code: "closed", reason: "that is all" });
        assert.ok(pair[name].machine.isDone && pair[name].machine.isSettled);
      }
      assert.deepEqual(heard(pair, "client"), ["from the server"], "unread messages stay readable");
      assert.deepEqual(heard(pair, "server"), ["from the client"]);
      assert.equal(pair.slabsTaken(), 0);
    });

    test(`wished by ${closers.join(" and ")}, with the link cut at every step`, () => {
      for (let steps = 0; steps < 24; steps += 1) {
        for (const cutter of sideNames) {
          const pair = pairOf();
          say(pair, "client", "from the client");
          say(pair, "server", "from the server");
          for (const name of closers) pair[name].machine.close("that is all");
          for (let step = 0; step < steps; step += 1) {
            const name = step % 2 === 0 ? "client" : "server";
            const moves = [() => pair.write(name), () => pair.finish(name), () => pair.deliver(name, 30)];
            moves[Math.floor(step / 2) % 3]?.();
          }
          pair.cut(cutter);
          if (cutter === "server") pair.cut("client");
          untilOver(pair);
          assert.deepEqual(heard(pair, "client"), ["from the server"], `${steps} ${cutter}`);
          assert.deepEqual(heard(pair, "server"), ["from the client"], `${steps} ${cutter}`);
          for (const name of sideNames) assert.equal(pair[name].ending?.code, "closed");
        }
      }
    });
  }

  test("a side whose CLOSE_ACK was lost is told again", () => {
    const pair = pairOf();
    pair.client.machine.close("that is all");
    for (const name of sideNames) {
      while (pair.write(name) && pair.finish(name));
      pair.deliver(name === "client" ? "server" : "client");
    }
    pair.write("client");
    assert.equal(pair.client.ending?.code, "closed");
    assert.ok(!pair.server.machine.isDone);
    pair.cut("client");
    assert.ok(pair.client.machine.isDone);
    pair.connect();
    assert.ok(!pair.client.machine.isSettled, "it has not answered on this link");
    untilOver(pair);
    assert.equal(pair.server.ending?.code, "closed");
  });

  test("nothing may be sent once CLOSE is said", () => {
    const side = attached();
    const { main } = side.machine.streams;
    side.machine.close("");
    assert.ok(side.machine.isClosing);
    side.writes();
    assert.throws(() => side.machine.send(main, none, false), /behind CLOSE/);
    assert.throws(() => side.wait(main, frameTypes.data, { message: none }), /behind CLOSE/);
  });

  test("a peer that knows the session no more has closed it, if it has all that was sent", () => {
    const side = attached();
    side.machine.send(side.machine.streams.main, text("hello"), false);
    assert.ok(!side.machine.isCleanIfGone);
    side.machine.close("");
    side.writes();
    assert.ok(!side.machine.isCleanIfGone);
    side.receive(ack(1));
    assert.ok(side.machine.isCleanIfGone);
    side.machine.detach();
    side.machine.end({ by: "remote", code: "closed", reason: "rejected" });
    assert.equal(side.ending?.code, "closed");
    assert.ok(!side.machine.isDone, "nobody is told any more");
  });

  test("CREDIT that is due comes before CLOSE and CLOSE_ACK, so that both know what was read", () => {
    const pair = pairOf();
    say(pair, "client", "read", "unread");
    pair.settle();
    pair.server.read();
    pair.client.machine.close("");
    pair.settle();
    assert.deepEqual(pair.client.machine.streams.main.untaken, { messages: 1, bytes: 64 });
  });
});

test("a side is done as soon as the last CLOSE_ACK is heard, before it writes again", () => {
  const side = attached();
  side.machine.close("");
  side.receive(frame("close", { payload: encodeClose({ final: 0, code: "closed", reason: "" }) }));
  side.writes();
  side.receive(frame("closeAck"));
  assert.equal(side.ending?.code, "closed");
});

suite("an end at once", () => {
  test("is said to the peer, which answers nothing", () => {
    const pair = pairOf();
    const failed: string[] = [];
    say(pair, "server", "unread");
    pair.settle();
    const { main } = pair.server.machine.streams;
    for (let sent = 0; sent < 5; sent += 1) {
      const message = new Uint8Array(262_144);
      pair.server.wait(main, frameTypes.data, { message, onFailed: ({ message: why }) => failed.push(why) });
    }
    pair.client.machine.end(aborted);
    pair.client.machine.end({ ...aborted, code: "another" });
    assert.equal(pair.client.machine.deadline, Number.POSITIVE_INFINITY);
    pair.settle();
    assert.deepEqual(pair.client.events, ["closed by local: aborted"]);
    assert.deepEqual(pair.server.events, ["confirmed", "closed by remote: aborted"]);
    assert.deepEqual(failed, ["enough", "enough"]);
    assert.ok(pair.client.machine.isSettled && pair.server.machine.isSettled);
    assert.ok(!pair.client.machine.isDone);
    assert.deepEqual(heard(pair, "client"), ["unread"]);
  });

  test("carries no code but its own, and nothing is heard behind it", () => {
    const side = attached();
    side.machine.end({ by: "local", code: "undecodable", reason: "no JSON" });
    const close = side.frames().at(-1);
    assert.deepEqual(decodeClose(close?.payload ?? none), {
      final: 0,
      code: "undecodable",
      reason: "no JSON",
    });
    side.receive(frame("data", { seq: 1, payload: text("late") }), frame(0x0c));
    side.machine.probe(0);
    side.advance(60_000);
    assert.equal(side.machine.received, 0);
    assert.deepEqual(side.events, ["closed by local: undecodable"]);
    assert.deepEqual(side.said(), []);
  });

  test("needs no link", () => {
    const side = attached();
    side.machine.detach();
    side.machine.end({ by: "network", code: "expired", reason: "" });
    assert.deepEqual(side.events, ["closed by network: expired"]);
    assert.equal(side.machine.writing(0), undefined);
  });

  test("of a peer's mistake is the peer's, and of our own is ours", () => {
    const side = attached();
    side.onGoAway = () => {
      throw new Error("a session has lost count: of tests");
    };
    side.receive(frame("goAway"));
    assert.deepEqual(side.ending, {
      by: "local",
      code: "aborted",
      reason: "a session has lost count: of tests",
    });
  });
});

test("whatever way its bytes are cut, a machine hears the same", () => {
  const wire = joined([
    ack(0),
    frame("open", { seq: 1, stream: 1, payload: Uint8Array.of(1, 1, 0, 0, 0, 65, 66, 67) }),
    frame("data", { seq: 2, payload: text("to the session") }),
    frame("data", { seq: 3 }),
    frame("data", { seq: 4, stream: 1, payload: text("to the stream") }),
    frame("ping", { payload: new Uint8Array(8) }),
    frame("data", { seq: 2, payload: text("to the session") }),
    frame("data", { seq: 5, stream: 1, isLast: true }),
    frame("open", { seq: 6, stream: 3, isLast: true, payload: Uint8Array.of(0, 0, 0, 0, 0) }),
    frame("abort", { seq: 7, stream: 1 }),
    frame("goAway"),
    frame("close", { payload: encodeClose({ final: 8, code: "closed", reason: "bye" }) }),
    frame("data", { seq: 8, payload: text("the final one") }),
  ]);
  const outcome = (sizes: readonly number[]) => {
    const side = attached(false);
    side.writes();
    let at = 0;
    for (const size of sizes) {
      side.receive(wire.subarray(at, at + size));
      at += size;
    }
    side.receive(wire.subarray(at));
    const streams = [side.machine.streams.main, ...side.opened];
    return {
      events: side.events,
      received: side.machine.received,
      read: streams.map((flow) => [flow.receiving, side.read(flow), side.read(flow), side.read(flow)]),
      said: framesIn(side.output()).map(({ name, stream }) => [name, stream]),
    };
  };
  const whole = outcome([]);
  assert.equal(whole.received, 8);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 300 }), (sizes) => {
      assert.deepEqual(outcome(sizes), whole);
    }),
    { numRuns: 300 },
  );
  assert.deepEqual(outcome(new Array(wire.length).fill(1)), whole);
});
