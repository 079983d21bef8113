// What two applications say to each other over a pair of machines, at random, and whether it arrives.
// Invariant: of each stream and direction the messages that were taken are read once and in order; nothing else is.

import assert from "node:assert/strict";
import type { Flow } from "../../src/protocol/session/flow.js";
import { frameTypes, lastFlag } from "../../src/protocol/session/frames.js";
import type { SessionPair, SideName } from "./session-pair.js";
import { other } from "./session-pair.js";
import type { SessionSide } from "./session-side.js";

/** OPEN before its message, at most. */
const openHeadMax = 24;

/** One direction of one stream. */
interface Track {
  readonly taken: Uint8Array[];
  read: number;
  isEnded: boolean;
  isAborted: boolean;
  /** Its reader has given up. */
  isUnread: boolean;
}

export class SessionTalk {
  readonly #pair: SessionPair;
  readonly #random: () => number;
  readonly #tracks = new Map<string, Track>();
  readonly #flows: { readonly [Name in SideName]: Map<Flow, string> } = {
    client: new Map(),
    server: new Map(),
  };
  #opened = 0;
  /** Nobody says anything new. */
  isQuiet = false;

  constructor(pair: SessionPair, random: () => number) {
    this.#pair = pair;
    this.#random = random;
    for (const name of ["client", "server"] as const) {
      this.#flows[name].set(pair[name].machine.streams.main, "main");
    }
  }

  /** One thing that an application does. */
  act(name: SideName): void {
    const side = this.#pair[name];
    this.#greet(name);
    const flow = this.#pick([...this.#flows[name].keys()]);
    if (flow === undefined) return;
    if (this.#chance(0.5)) {
      if (this.#chance(0.7)) this.read(name, flow, 1 + Math.floor(this.#random() * 4));
      return;
    }
    if (this.isQuiet || side.machine.isClosing || side.ending !== undefined) return;
    const roll = this.#random();
    if (roll < 0.12) this.#open(name);
    else if (roll < 0.2) side.machine.flush();
    else if (roll < 0.21) side.machine.goAway({ reason: "soon", retryAfterMs: 10 });
    else if (roll < 0.27 && flow.id !== 0) this.#abort(name, flow);
    else if (roll < 0.34 && flow.id !== 0) this.#end(name, flow);
    else this.#send(name, flow);
  }

  /** Reads what the machine has told of. */
  readAll(name: SideName): void {
    this.#greet(name);
    for (const flow of this.#flows[name].keys()) this.read(name, flow, Number.POSITIVE_INFINITY);
  }

  read(name: SideName, flow: Flow, count: number): void {
    const side = this.#pair[name];
    if (!side.told.has(flow)) return;
    const track = this.#track(other(name), this.#nameOf(name, flow));
    for (let left = count; left > 0; left -= 1) {
      const message = side.read(flow);
      if (message === undefined) {
        side.told.delete(flow);
        return;
      }
      const expected = track.taken[track.read];
      assert.ok(expected !== undefined, "a message arrived that was not sent");
      assert.ok(Buffer.from(expected).equals(message), `${track.read} is another message`);
      track.read += 1;
    }
  }

  /** Whether all that was said has arrived and is known to have. */
  get isAllThere(): boolean {
    const { client, server } = this.#pair;
    for (const { machine } of [client, server]) {
      if (machine.acknowledged < machine.sent || machine.outgoing.waitingSize > 0) return false;
    }
    for (const [, track] of this.#tracks) {
      if (!track.isAborted && !track.isUnread && track.read < track.taken.length) return false;
    }
    return true;
  }

  /** What is missing, for a test that fails. */
  get missing(): string {
    const { client, server } = this.#pair;
    const sides = [client, server].map(
      ({ machine, now, ending }) =>
        `sent ${machine.sent} acked ${machine.acknowledged} received ${machine.received} waiting ${machine.outgoing.waitingSize} ` +
        `outbox ${machine.outboxBytes} attached ${machine.isAttached} deadline ${machine.deadline} now ${now} ${ending?.code}`,
    );
    const tracks = [...this.#tracks]
      .filter(([, { isAborted, isUnread, read, taken }]) => !isAborted && !isUnread && read < taken.length)
      .map(([key, { read, taken }]) => `${key} ${read}/${taken.length}`);
    return [...sides, ...tracks].join("\n");
  }

  /** Streams that are in use though nothing can come of them any more. */
  checkStreams(): void {
    for (const name of ["client", "server"] as const) {
      for (const flow of this.#pair[name].machine.streams) {
        if (flow.id === 0) continue;
        assert.ok(!flow.isOver, `${name} keeps ${flow.id}, which is over`);
        const twin = this.#pair[other(name)].machine.streams.get(flow.id);
        assert.equal(twin?.name, flow.name, `${name} has stream ${flow.id}, the other has not`);
      }
    }
  }

  #greet(name: SideName): void {
    const side = this.#pair[name];
    for (const flow of side.opened.splice(0)) this.#flows[name].set(flow, flow.name);
    for (const [flow, key] of this.#flows[name]) {
      if (flow.abortedByPeer === undefined) continue;
      this.#track(name, key).isAborted = true;
      this.#track(other(name), key).isAborted = true;
    }
  }

  #open(name: SideName): void {
    const side = this.#pair[name];
    if (!side.machine.streams.mayOpen) return;
    this.#opened += 1;
    const key = `${name}${this.#opened}`;
    const message = this.#chance(0.5) ? this.#message(side) : undefined;
    const isLast = this.#chance(0.2);
    const track = this.#track(name, key);
    const flow = side.open(key, message, isLast, () => {
      if (message !== undefined) track.taken.push(message);
    });
    const [waiting] = flow.waiting;
    if (waiting !== undefined && this.#chance(0.1)) {
      side.machine.cancel(waiting);
      return;
    }
    if (isLast) track.isEnded = true;
    this.#flows[name].set(flow, key);
  }

  #send(name: SideName, flow: Flow): void {
    const side = this.#pair[name];
    const track = this.#track(name, this.#nameOf(name, flow));
    if (track.isEnded || track.isAborted || flow.abortedByPeer) return;
    const isLast = flow.id !== 0 && this.#chance(0.05);
    const message = this.#message(side);
    if (side.machine.outgoing.hasRoom(flow, message.length)) {
      track.taken.push(message);
      side.machine.send(flow, message, isLast);
    } else if (flow.waiting.length < 4) {
      const send = side.wait(flow, frameTypes.data | (isLast ? lastFlag : 0), {
        message,
        onTaken: () => track.taken.push(message),
      });
      if (!isLast && this.#chance(0.2)) side.machine.cancel(send);
    } else return;
    if (isLast) track.isEnded = true;
  }

  #end(name: SideName, flow: Flow): void {
    const track = this.#track(name, this.#nameOf(name, flow));
    if (track.isEnded || track.isAborted || flow.abortedByPeer) return;
    track.isEnded = true;
    this.#pair[name].wait(flow, frameTypes.end);
  }

  #abort(name: SideName, flow: Flow): void {
    const key = this.#nameOf(name, flow);
    const isEnded = flow.receiving !== "open" && flow.sending !== "open";
    this.#pair[name].machine.abort(flow, { code: "enough", reason: "changed my mind" }, new Error("aborted"));
    this.#track(other(name), key).isUnread = true;
    if (isEnded) return;
    this.#track(name, key).isAborted = true;
    this.#track(other(name), key).isAborted = true;
  }

  #message(side: SessionSide): Uint8Array {
    // What its own outbox could never hold is refused before it comes to the machine.
    const messageBytesMax = Math.min(
      side.peerLimits.messageBytesMax,
      side.limits.outboxBytesMax - openHeadMax,
    );
    const size = this.#chance(messageBytesMax > 10_000 ? 0.01 : 0.1)
      ? messageBytesMax
      : Math.min(messageBytesMax, Math.floor(2 ** (this.#random() * 14)) - 1);
    const message = new Uint8Array(size);
    for (let at = 0; at < Math.min(size, 16); at += 1) message[at] = Math.floor(this.#random() * 256);
    return message.fill(message[0] ?? 0, 16);
  }

  #track(from: SideName, key: string): Track {
    const name = `${key} from ${from}`;
    const known = this.#tracks.get(name);
    if (known !== undefined) return known;
    const track = { taken: [], read: 0, isEnded: false, isAborted: false, isUnread: false };
    this.#tracks.set(name, track);
    return track;
  }

  #nameOf(name: SideName, flow: Flow): string {
    return this.#flows[name].get(flow) ?? flow.name;
  }

  #chance(probability: number): boolean {
    return this.#random() < probability;
  }

  #pick<T>(choices: readonly T[]): T | undefined {
    // The latest are the likeliest: streams that are long over stay in the list.
    const back = Math.floor(this.#random() ** 2 * Math.min(choices.length, 12));
    return this.#chance(0.3) ? choices[0] : choices[choices.length - 1 - back];
  }
}
