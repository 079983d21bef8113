// Which streams are in use: stream 0, those that we opened, those that the peer did.
// Invariant: an id is free exactly when both directions are over, and the peer finds so before our next OPEN arrives,
// since every write begins with the ACK that is due.

import { limits } from "../../core/limits.js";
import { Flow } from "./flow.js";
import type { SessionLimits } from "./session-limits.js";
import { Violation } from "./violation.js";

/** How cheaply a peer may open and abort: so many at once, and so many a second. */
const { earlyAbortsMax: abortBurst, earlyAbortsPerSecondMax: abortsPerSecond } = limits;
const idLimit = 2 ** 32;

export class Streams implements Iterable<Flow> {
  /** Stream 0. */
  readonly main: Flow;
  readonly #firstId: 1 | 2;
  readonly #ours: SessionLimits;
  readonly #theirs: SessionLimits;
  readonly #flows = new Map<number, Flow>();
  #nextId: number;
  #openedByUs = 0;
  #openedByPeer = 0;
  #abortTokens: number = abortBurst;
  #abortsAt: number;

  constructor(isClient: boolean, ours: SessionLimits, theirs: SessionLimits, now: number) {
    this.#firstId = isClient ? 1 : 2;
    this.#nextId = this.#firstId;
    this.#ours = ours;
    this.#theirs = theirs;
    this.#abortsAt = now;
    this.main = new Flow({
      id: 0,
      name: "",
      metadata: undefined,
      isOurs: true,
      allowedByPeer: theirs.mainCreditBytes,
      allowedToPeer: ours.mainCreditBytes,
    });
    this.#flows.set(0, this.main);
  }

  [Symbol.iterator](): Iterator<Flow> {
    return this.#flows.values();
  }

  get(id: number): Flow | undefined {
    return this.#flows.get(id);
  }

  /** Of the streams that are in use, not counting stream 0. */
  get size(): number {
    return this.#flows.size - 1;
  }

  get mayOpen(): boolean {
    return this.#openedByUs < this.#theirs.streamsMax;
  }

  /** A stream of ours, with the next free id; call only while `mayOpen`. */
  open(name: string, metadata: unknown): Flow {
    while (this.#flows.has(this.#nextId)) this.#nextId = idBehind(this.#nextId);
    const flow = this.#add(this.#nextId, name, metadata, true);
    this.#nextId = idBehind(this.#nextId);
    this.#openedByUs += 1;
    return flow;
  }

  /** @throws Violation if the peer may not open this one. */
  checkOpen(id: number): void {
    if (id % 2 === this.#firstId % 2) throw new Violation("stream", `stream ${id} is not the peer's to open`);
    if (this.#flows.has(id)) throw new Violation("stream", `stream ${id} is in use`);
    const { streamsMax } = this.#ours;
    if (this.#openedByPeer >= streamsMax) throw new Violation("streams", `more than ${streamsMax} streams`);
  }

  accept(id: number, name: string, metadata: unknown): Flow {
    this.#openedByPeer += 1;
    return this.#add(id, name, metadata, false);
  }

  /** Frees the id if nothing more can come of the stream. True if it did. */
  releaseIfOver(flow: Flow): boolean {
    if (!flow.isOver) return false;
    this.release(flow);
    return true;
  }

  release(flow: Flow): void {
    if (this.#flows.get(flow.id) !== flow) return;
    this.#flows.delete(flow.id);
    if (flow.isOurs) this.#openedByUs -= 1;
    else this.#openedByPeer -= 1;
  }

  /** The peer aborts a stream that it opened and was told nothing on. @throws Violation beyond the bound. */
  countAbort(now: number): void {
    const earned = ((now - this.#abortsAt) / 1_000) * abortsPerSecond;
    this.#abortTokens = Math.min(abortBurst, this.#abortTokens + earned) - 1;
    this.#abortsAt = now;
    if (this.#abortTokens < 0) throw new Violation("abuse", "streams are opened and aborted too fast");
  }

  #add(id: number, name: string, metadata: unknown, isOurs: boolean): Flow {
    const allowedByPeer = this.#theirs.streamCreditBytes;
    const allowedToPeer = this.#ours.streamCreditBytes;
    const flow = new Flow({ id, name, metadata, isOurs, allowedByPeer, allowedToPeer });
    this.#flows.set(id, flow);
    return flow;
  }
}

/** The id that one side takes next. */
export function idBehind(id: number): number {
  return id + 2 < idLimit ? id + 2 : 2 - (id % 2);
}
