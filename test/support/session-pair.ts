// Two session machines joined by links that a test holds in its hand: no promises, no sockets, no time of its own.
// Invariant: a link is a reliable stream until it is cut; a write's memory is read when the write ends, and must be then
// as it was when it began, even if its link was cut long ago.

import assert from "node:assert/strict";
import { ByteQueue } from "../../src/core/byte-queue.js";
import type { Writing } from "../../src/protocol/session/outbox.js";
import type { SessionLimits } from "../../src/protocol/session/session-limits.js";
import { PoisonedSlabs } from "./poisoned-slabs.js";
import { SessionSide } from "./session-side.js";

/** A write that the system has not finished. */
interface Held {
  readonly writing: Writing;
  readonly before: Uint8Array;
}

/** What one side says to the other on one link. */
class Lane {
  held: Held | undefined;
  /** Written and not delivered. */
  readonly bytes = new ByteQueue();
  /** No more comes behind `bytes`. */
  isEnded = false;
}

interface Link {
  readonly client: Lane;
  readonly server: Lane;
}

export type SideName = keyof Link;
export const sideNames: readonly SideName[] = ["client", "server"];

export interface PairOptions {
  readonly random?: () => number;
  readonly client?: Partial<SessionLimits>;
  readonly server?: Partial<SessionLimits>;
  readonly largestSlab?: number;
}

export class SessionPair {
  readonly client: SessionSide;
  readonly server: SessionSide;
  /** The link that each side is on; a side may not know yet that the other has left it. */
  readonly #links: { [Name in SideName]: Link | undefined } = { client: undefined, server: undefined };
  readonly #stale: Held[] = [];
  readonly #random: () => number;
  #isBegun = false;
  /** Both have ended the same link in order. */
  isOver = false;

  constructor({ random = () => 0.99, client, server, largestSlab }: PairOptions = {}) {
    this.#random = random;
    const side = (isClient: boolean, limits?: Partial<SessionLimits>, peerLimits?: Partial<SessionLimits>) =>
      new SessionSide({
        isClient,
        slabs: new PoisonedSlabs(random, largestSlab),
        ...(limits && { limits }),
        ...(peerLimits && { peerLimits }),
      });
    this.client = side(true, client, server);
    this.server = side(false, server, client);
  }

  get now(): number {
    return this.client.now;
  }

  isOn(name: SideName): boolean {
    return this.#links[name] !== undefined;
  }

  /** Dials: the first time a handshake, then a resume. False if the link broke before the client had the answer. */
  connect(isAnswerLost = false): boolean {
    const { client, server } = this;
    this.cut("client");
    if (this.#isGone("server")) {
      const code = client.machine.isCleanIfGone ? "closed" : "unknown";
      client.machine.end({ by: "remote", code, reason: "rejected" });
      return true;
    }
    const link: Link = { client: new Lane(), server: new Lane() };
    if (!this.#isBegun) {
      this.#isBegun = true;
      this.#links.server = link;
      server.attach(0);
    } else {
      const { received } = client.machine;
      this.cut("server");
      server.machine.confirm();
      this.#links.server = link;
      assert.ok(server.machine.mayHaveReceived(received));
      const answer = server.machine.received;
      server.attach(received);
      if (isAnswerLost) return false;
      assert.ok(client.machine.mayHaveReceived(answer));
      this.#links.client = link;
      client.attach(answer);
      return true;
    }
    this.#links.client = link;
    client.attach(0);
    return true;
  }

  /** One side leaves its link; the other does not know, and may read what is on its way still. */
  cut(name: SideName): void {
    const link = this.#links[name];
    if (link === undefined) return;
    if (link[name].held !== undefined) this.#stale.push(link[name].held);
    link[name].held = undefined;
    this.#links[name] = undefined;
    this[name].machine.detach();
  }

  /** Begins a write if there is something to say, or ends this direction if nothing will be. */
  write(name: SideName): boolean {
    this.#leaveIfBroken(name);
    const lane = this.#links[name]?.[name];
    const side = this[name];
    if (lane === undefined || lane.held !== undefined) return false;
    const writing = side.wantsToWrite ? side.machine.writing(side.now) : undefined;
    if (writing === undefined) {
      side.wantsToWrite = false;
      if (!side.machine.isSettled || lane.isEnded) return false;
      lane.isEnded = true;
      return true;
    }
    assert.ok(writing.bytes.length > 0, "a write of nothing");
    lane.held = { writing, before: writing.bytes.slice() };
    return true;
  }

  /** Ends the write under way. */
  finish(name: SideName): boolean {
    const lane = this.#links[name]?.[name];
    if (lane?.held === undefined) return false;
    lane.bytes.append(finished(lane.held));
    lane.held = undefined;
    return true;
  }

  /** Ends a write on a link that was cut long ago. */
  finishStale(): void {
    const held = this.#stale.shift();
    if (held !== undefined) finished(held);
  }

  /** Brings up to `count` bytes to this side, or the end of the other's. */
  deliver(name: SideName, count = Number.POSITIVE_INFINITY): boolean {
    this.#leaveIfBroken(name);
    const link = this.#links[name];
    const lane = link?.[other(name)];
    if (link === undefined || lane === undefined) return false;
    const size = Math.min(count, lane.bytes.size);
    if (size > 0) {
      this[name].receive(lane.bytes.take(size));
      this.#leaveIfBroken(name);
      return true;
    }
    if (!lane.isEnded || lane.held !== undefined) {
      // The other has left this link; that may be seen soon, late or never.
      if (this.#links[other(name)] !== link && this.#random() < 0.1) this.cut(name);
      return false;
    }
    if (link[name].isEnded && link[name].held === undefined) this.isOver = true;
    else if (this[name].ending === undefined) this.cut(name);
    return false;
  }

  /** Everything moves until nothing does; time stands still. */
  settle(): void {
    for (let hasMoved = true; hasMoved; ) {
      hasMoved = false;
      for (const name of sideNames) {
        const moves = [this.write(name), this.finish(name), this.deliver(name)];
        hasMoved ||= moves.includes(true);
      }
    }
  }

  /** Lets time pass; whoever has something due by then does it. */
  advance(byMs: number): void {
    for (const name of sideNames) {
      const side = this[name];
      side.now += byMs;
      if (side.machine.deadline <= side.now) side.machine.expire(side.now);
      this.#leaveIfBroken(name);
    }
  }

  /** Ends every write of links that are gone, and says how much memory is in use then. */
  slabsTaken(): number {
    while (this.#stale.length > 0) this.finishStale();
    return this.client.slabs.taken + this.server.slabs.taken;
  }

  #isGone(name: SideName): boolean {
    const { ending } = this[name];
    return ending !== undefined && ending.code !== "closed";
  }

  #leaveIfBroken(name: SideName): void {
    if (this[name].brokenBy === undefined || this[name].machine.isAttached) return;
    this.cut(name);
  }
}

export function other(name: SideName): SideName {
  return name === "client" ? "server" : "client";
}

/** What the system has sent: the memory as it is now. */
function finished({ writing, before }: Held): Uint8Array {
  assert.ok(Buffer.from(before).equals(writing.bytes), "memory was written to while a write held it");
  const bytes = writing.bytes.slice();
  writing.release();
  return bytes;
}
