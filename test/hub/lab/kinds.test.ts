// The experiment with two kinds, beside what Node's datagram sockets sent and were given.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { runKinds } from "../../../src/hub/lab/kinds.js";
import type { KindsOrder } from "../../../src/hub/lab/messages.js";
import { Wiretap } from "../../support/wiretap.js";
import { abortedAt, closesAll, Events, openHandles } from "./support/watched.js";

async function ran(order: KindsOrder): Promise<{ readonly events: Events<"kinds">; readonly tap: Wiretap }> {
  using tap = new Wiretap();
  const before = openHandles();
  const events = new Events<"kinds">();
  await runKinds(order, events.emit);
  await closesAll(before);
  return { events, tap };
}

const numbers = (datagrams: readonly Buffer[] = []) => datagrams.map((data) => Number(data.toString()));
const upTo = (most: number) => Array.from({ length: most }, (_, at) => at + 1);

test("TCP brings all in order; UDP brings what the relay let pass, in the order in which it came", async () => {
  const messages = 60;
  const { events, tap } = await ran({ messages, lossPercent: 30, seed: 7 });
  const [result] = events.of("result");
  assert.deepEqual(result?.tcp, { sent: messages, arrived: messages, missing: [], outOfOrder: [] });

  const [client, relay, server] = tap.datagrams;
  assert.deepEqual(numbers(client?.sent), upTo(messages));
  const came = numbers(server?.received);
  const told = events.of("arrived").filter(({ kind }) => kind === "udp");
  assert.deepEqual(
    told.flatMap(({ numbers }) => numbers),
    came,
  );
  assert.deepEqual(
    result?.udp.missing,
    upTo(messages).filter((number) => !came.includes(number)),
  );
  assert.equal(result?.udp.arrived, came.length);
  assert.deepEqual(
    result?.udp.outOfOrder,
    came.filter((number, at) => came.slice(0, at).some((earlier) => earlier > number)),
  );
  // The loopback itself loses nothing of so little: what is missing is what the relay says it dropped.
  assert.deepEqual(
    events.of("dropped").flatMap(({ numbers }) => numbers),
    upTo(messages).filter((number) => !numbers(relay?.sent).includes(number)),
  );
  assert.ok(events.of("dropped").length > 0 && events.of("swapped").length > 0);
  for (const { pairs } of events.of("swapped")) {
    for (const [first, second] of pairs) assert.ok(came.indexOf(second) < came.indexOf(first));
  }
});

test("the same seed drops and swaps the same; another seed others", async () => {
  const fates = async (seed: number) => {
    const { events } = await ran({ messages: 40, lossPercent: 40, seed });
    return JSON.stringify([events.of("dropped"), events.of("swapped")]);
  };
  const [one, again, other] = [await fates(1), await fates(1), await fates(2)];
  assert.equal(one, again);
  assert.notEqual(one, other);
});

test("without loss nothing is missing, and what is swapped is still out of order", async () => {
  const { events } = await ran({ messages: 100, lossPercent: 0, seed: 5 });
  const [result] = events.of("result");
  assert.deepEqual(result?.udp.missing, []);
  assert.equal(result?.udp.outOfOrder.length, events.of("swapped").length);
});

suite("aborted half-way it leaves nothing open", () => {
  for (const n of [1, 2, 7]) {
    test(`at event ${n}`, () =>
      abortedAt<"kinds">(n, (emit, signal) =>
        runKinds({ messages: 20, lossPercent: 50, seed: 3 }, emit, { signal }),
      ));
  }
});
