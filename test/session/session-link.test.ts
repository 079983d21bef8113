import assert from "node:assert/strict";
import { test } from "node:test";
import type { SocketError } from "../../src/core/errors.js";
import { type LinkReader, SessionLink, written } from "../../src/session/session-link.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { memoryPair } from "../../src/transport/memory.js";
import { turns } from "../support/connected.js";

class Reader implements LinkReader {
  readonly events: string[] = [];
  onChunk = (view: Uint8Array) => void this.events.push(`chunk ${view}`);
  onEnd = () => void this.events.push("end");
  onWritten = () => void this.events.push("written");
  onClosed = (error: SocketError | undefined) => void this.events.push(`closed ${error?.code}`);
}

function pair() {
  const { dialer, accepted } = memoryPair();
  const readers = [new Reader(), new Reader()] as const;
  const [one, other] = [new SessionLink(dialer, readers[0]), new SessionLink(accepted, readers[1])];
  for (const link of [one, other]) link.start();
  return { one, other, events: readers.map(({ events }) => events) };
}

test("a write is under way until the transport lets go of it, and is released once", async () => {
  const { one, other, events } = pair();
  let released = 0;
  one.write({
    bytes: Uint8Array.of(1, 2),
    release: () => {
      released += 1;
    },
  });
  assert.equal(one.isWriting, true);
  await turns();
  assert.deepEqual([one.isWriting, released, one.bytesSent, other.bytesReceived], [false, 1, 2, 2]);
  assert.deepEqual(events, [["written"], ["chunk 1,2"]]);
});

test("another reader gets all that follows; who is cut hears nothing more, and its place is free", async () => {
  const { one, other, events } = pair();
  const later = new Reader();
  other.hand(later);
  one.write(written(Uint8Array.of(7)));
  await turns();
  let gone = 0;
  one.onGone = () => {
    gone += 1;
  };
  one.cut();
  await turns();
  assert.deepEqual(events, [["written"], []]);
  assert.deepEqual(later.events, ["chunk 7", "closed ERR_CONNECTION_RESET"]);
  assert.equal(gone, 1);
});

test("the memory of a write is released when its link breaks, too", async () => {
  const { one, other } = pair();
  let released = 0;
  one.write({
    bytes: new Uint8Array(10),
    release: () => {
      released += 1;
    },
  });
  other.cut();
  one.cut();
  await turns();
  assert.equal(released, 1);
});

test("finish ends our side, discards what comes, and tells how the peer ended its own", async () => {
  const clock = new VirtualClock();
  const { one, other, events } = pair();
  const ends: (string | undefined)[] = [];
  one.finish(clock, 1_000, (error) => ends.push(error?.code));
  other.write(written(Uint8Array.of(1)));
  await turns();
  assert.deepEqual([ends, events[1]?.sort()], [[], ["end", "written"]]);
  other.finish(clock, 1_000);
  await turns();
  assert.deepEqual([ends, clock.pending], [[undefined], 0]);
  one.finish(clock, 1_000, () => assert.fail("it is over"));
});

test("a peer that does not end in time is let go, and that is no end in order", async () => {
  const clock = new VirtualClock();
  const { one } = pair();
  const ends: (string | undefined)[] = [];
  one.finish(clock, 1_000, (error) => ends.push(error?.code));
  await turns();
  clock.advance(1_000);
  await turns();
  assert.deepEqual(ends, ["ERR_CONNECTION_LOST"]);
});
