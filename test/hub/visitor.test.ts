// What visits have in common, over a carrier that the test holds in its hands.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { HubEvent } from "../../src/hub/events.js";
import type { News } from "../../src/hub/news.js";
import { Pace } from "../../src/hub/pace.js";
import { Room } from "../../src/hub/room.js";
import { type Hall, type Traffic, Visitor } from "../../src/hub/visitor.js";
import { Visitors } from "../../src/hub/visitors.js";
import { DisconnectedError } from "../../src/index.js";
import { turns } from "../support/connected.js";
import { ManualClock } from "../support/manual-clock.js";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const calm = new AbortController().signal;

class TestVisitor extends Visitor {
  readonly id = 1;
  readonly heard: string[] = [];
  readonly #hears: boolean;
  readonly #story: (visitor: TestVisitor) => Promise<void> | void;

  constructor(door: TestDoor, story: (visitor: TestVisitor) => Promise<void> | void, hears = true) {
    super(door.carrier, door.hall);
    this.#story = story;
    this.#hears = hears;
  }

  readonly traffic: Traffic = { bytesIn: 10, bytesOut: 20, pendingBytes: 0, unreadBytes: 0 };

  cut(): void {}

  protected deliver({ lines }: News): boolean {
    if (this.#hears) this.heard.push(...new TextDecoder().decode(lines).trimEnd().split("\n"));
    return this.#hears;
  }

  protected async listen(): Promise<void> {
    this.enter();
    await this.#story(this);
  }

  override turn(): Promise<void> | undefined {
    return super.turn();
  }

  override say(bytes: Uint8Array): void {
    super.say(bytes);
  }

  override refuse(): void {
    super.refuse();
  }
}

class TestDoor {
  readonly clock = new ManualClock();
  readonly events: HubEvent[] = [];
  readonly aborted: unknown[] = [];
  break: (error: DisconnectedError) => void = () => {};
  readonly hall: Hall;
  readonly carrier = {
    remote: "memory:somebody",
    closed: new Promise<{ reason: string; error: DisconnectedError }>((resolve) => {
      this.break = (error) => resolve({ reason: error.reason, error });
    }),
    close: async (): Promise<void> => void this.aborted.push("closed"),
    abort: (reason: unknown): void => void this.aborted.push(reason),
  };

  constructor(paceBytes = 1_000) {
    const onEvent = (event: HubEvent) => void this.events.push(event);
    this.hall = {
      room: new Room({ historyMax: 5, noticesMax: 100, onEvent }),
      // All together are never too fast here.
      pace: new Pace(1e9, this.clock.now()),
      paceBytes,
      clock: this.clock,
      onEvent,
      lineBytesMax: 10,
      visitors: new Visitors(),
    };
  }

  get names(): string[] {
    return this.events.map(({ name }) => name);
  }
}

test("a visit that ends in order is a member's who has left", async () => {
  const door = new TestDoor();
  await new TestVisitor(door, (visitor) => visitor.say(bytesOf("hello"))).visit(calm);
  assert.deepEqual(door.names, ["joined", "left"]);
  assert.equal(door.events[1]?.reason, undefined);
});

test("one that fails is too, with the reason, and throws it", async () => {
  const door = new TestDoor();
  const error = new DisconnectedError("ERR_CONNECTION_RESET", "connection reset");
  const visit = new TestVisitor(door, () => Promise.reject(error)).visit(calm);
  await assert.rejects(visit, error);
  assert.equal(door.events.at(-1)?.reason, "connection reset");
});

test("what fails once the hub drains, or the room has let go, is no failure", async () => {
  const door = new TestDoor();
  const fail = () => Promise.reject(new Error("cut"));
  await new TestVisitor(door, fail).visit(AbortSignal.abort());
  const slow = new TestVisitor(door, fail, false);
  await slow.visit(calm);
  assert.equal(slow.isHere, false);
  assert.deepEqual(door.aborted, ["reads too slowly"]);
  assert.deepEqual(door.names, ["joined", "left", "joined", "slow"]);
});

test("a line that is too long is told to its sender alone", async () => {
  const door = new TestDoor();
  const visitor = new TestVisitor(door, () => visitor.refuse());
  await visitor.visit(calm);
  assert.match(visitor.heard.at(-1) ?? "", /^\* that line has more than 10 bytes/);
  assert.deepEqual(door.names, ["joined", "too-long", "left"]);
});

test("whoever says much waits for as long as it has spoken too fast", async () => {
  const door = new TestDoor();
  const visitor = new TestVisitor(door, async () => {
    assert.equal(visitor.turn(), undefined);
    visitor.say(bytesOf("x".repeat(936)));
    const turn = visitor.turn();
    assert.ok(turn !== undefined);
    await turn;
    assert.equal(visitor.turn(), undefined);
  });
  const visit = visitor.visit(calm);
  await turns();
  assert.equal(door.names.length, 1);
  door.clock.advance(1_000);
  await visit;
});

test("whoever says much quickly lets the event loop turn, though nothing is owed", async () => {
  const door = new TestDoor(1e9);
  const visitor = new TestVisitor(door, async () => {
    for (let count = 0; count < 2; count += 1) {
      assert.equal(visitor.turn(), undefined);
      visitor.say(bytesOf("x".repeat(9_000)));
    }
    await visitor.turn();
    assert.equal(visitor.turn(), undefined);
  });
  await visitor.visit(calm);
});

test("a pause ends when the carrier goes, or the room lets go", async () => {
  const owing = (visitor: TestVisitor) => {
    visitor.say(bytesOf("x".repeat(100_000)));
    return visitor.turn();
  };
  const broken = new TestDoor();
  const visit = new TestVisitor(broken, owing).visit(calm);
  broken.break(new DisconnectedError("ERR_CONNECTION_LOST", "gone"));
  await assert.rejects(visit, { reason: "gone" });
  const door = new TestDoor();
  const visitor = new TestVisitor(door, owing);
  const left = visitor.visit(calm);
  visitor.dismiss("bye");
  await left;
});
