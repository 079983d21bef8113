// The experiment with a cut, beside what the plain connections were given to write, and what the relay passed on.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { runCut } from "../../../src/hub/lab/cut.js";
import { cutWays } from "../../../src/hub/lab/messages.js";
import { Wiretap } from "../../support/wiretap.js";
import { abortedAt, closesAll, Events, openHandles } from "./support/watched.js";

const messages = 20;

/** Whole lines that are numbers: the plain road's, whose payload nobody else uses. */
function numbersIn(writes: readonly Buffer[]): number[] {
  const text = Buffer.concat(writes).toString("latin1");
  if (!/^(?:\d+\n)*$/.test(text)) return [];
  return text.split("\n").filter(Boolean).map(Number);
}

for (const how of cutWays) {
  test(`${how}: the session loses none, and what the plain connection lost is what never passed the relay`, async () => {
    const before = openHandles();
    using tap = new Wiretap();
    const events = new Events<"cut">();
    await runCut({ how, messages }, events.emit);
    await closesAll(before);

    const [result] = events.of("result");
    const whole = { sent: messages, arrived: messages, lost: 0, doubled: 0 };
    assert.deepEqual(result?.session.up, whole);
    assert.deepEqual(result?.session.down, whole);
    assert.ok((result?.session.links ?? 0) >= 2);

    // Upwards: the client's sockets write all numbers that send took, and the relay's what came through.
    const plain = result?.plain.up;
    const written = tap.dialled.map(({ writes }) => numbersIn(writes)).filter(({ length }) => length > 0);
    const ours = written.flat();
    const passed = new Set(ours.filter((number) => ours.indexOf(number) !== ours.lastIndexOf(number)));
    assert.equal(new Set(ours).size, plain?.sent);
    assert.ok(plain !== undefined && plain.lost > 0, "messages were under way when it failed");
    assert.equal(passed.size, plain.arrived, events.texts());
    assert.equal(plain.sent - plain.arrived, plain.lost);

    const silents = events.of("silent").map(({ on }) => on);
    assert.deepEqual(silents, ["session", "plain"]);
    for (const cut of events.of("cut")) {
      assert.equal(cut.how, how);
      assert.ok(cut.droppedBytes > 0);
    }
    assert.ok(events.of("resuming").length >= 1);
    assert.equal(events.of("resuming").length, events.of("resumed").length);
    assert.equal(events.of("redialled").length, (result?.plain.links ?? 0) - 1);
    assert.equal(events.of("redialled").length === 0, how === "half-open", "nothing told the plain one");

    // The outbox fills while nobody answers, and is empty at the end.
    const counts = events.of("counts").map(({ session }) => session.client);
    assert.ok(
      counts.some(
        ({ unacknowledged, outboxBytes }) => unacknowledged >= 2 && outboxBytes === unacknowledged * 64,
      ),
    );
    for (const { seq, acknowledgedSeq, unacknowledged } of counts)
      assert.equal(seq - acknowledgedSeq, unacknowledged);
    const last = counts.at(-1);
    assert.equal(last?.seq, last?.acknowledgedSeq);
    assert.equal(last?.outboxBytes, 0);
    assert.ok((last?.seq ?? 0) >= messages);
  });
}

test("many messages are counted as well", async () => {
  const events = new Events<"cut">();
  await runCut({ how: "reset", messages: 1_000 }, events.emit);
  const [result] = events.of("result");
  assert.deepEqual(result?.session.up, { sent: 1_000, arrived: 1_000, lost: 0, doubled: 0 });
  assert.ok(events.all.length < 500, `${events.all.length} events`);
});

suite("aborted half-way it leaves nothing open", () => {
  for (const n of [1, 3, 8]) {
    test(`at event ${n}`, () =>
      abortedAt<"cut">(n, (emit, signal) => runCut({ how: "half-open", messages: 10 }, emit, { signal })));
  }

  test("at the cut", async () => {
    const before = openHandles();
    const stop = new AbortController();
    const emit = ({ event }: { readonly event: string }) => {
      if (event === "cut") stop.abort(new Error("seen enough"));
    };
    await assert.rejects(runCut({ how: "close", messages: 10 }, emit, { signal: stop.signal }), {
      message: "seen enough",
    });
    await closesAll(before);
  });
});
