// One side of a session for tests: its machine, with all that it tells written down, and its words as frames.
// Invariant: what the machine reads is overwritten behind the call, as a socket's buffer is.

import { limits as defaults } from "../../src/core/limits.js";
import type { Ending, MachineSink } from "../../src/protocol/session/contract.js";
import type { Flow } from "../../src/protocol/session/flow.js";
import {
  type FrameName,
  frameRules,
  frameTypes,
  headerBytes,
  lastFlag,
  readUint24,
  readUint32,
  writeHeader,
  writeUint64,
} from "../../src/protocol/session/frames.js";
import { SessionMachine } from "../../src/protocol/session/machine.js";
import { encodeOpenHead } from "../../src/protocol/session/open-frame.js";
import { type SessionLimits, sessionLimits } from "../../src/protocol/session/session-limits.js";
import type { WaitingSend } from "../../src/protocol/session/waiting.js";
import type { GoAway } from "../../src/protocol/session/words.js";
import { joined } from "../../src/testing/cuts.js";
import { PoisonedSlabs, poison } from "./poisoned-slabs.js";

export interface SeenFrame {
  readonly name: FrameName;
  readonly isLast: boolean;
  readonly stream: number;
  readonly seq: number;
  readonly payload: Uint8Array;
}

export const none: Uint8Array = new Uint8Array(0);

export interface SideOptions {
  readonly isClient?: boolean;
  readonly limits?: Partial<SessionLimits>;
  readonly peerLimits?: Partial<SessionLimits>;
  readonly slabs?: PoisonedSlabs;
}

export class SessionSide implements MachineSink {
  readonly machine: SessionMachine;
  readonly limits: SessionLimits;
  readonly peerLimits: SessionLimits;
  readonly slabs: PoisonedSlabs;
  now = 0;
  /** Every event, as words. */
  readonly events: string[] = [];
  readonly opened: Flow[] = [];
  readonly goAways: GoAway[] = [];
  /** Streams that the machine has told of since somebody looked. */
  readonly told = new Set<Flow>();
  /** It has said that there is something to write. */
  wantsToWrite = false;
  brokenBy: string | undefined;
  ending: Ending | undefined;

  constructor({ isClient = true, limits, peerLimits, slabs = new PoisonedSlabs() }: SideOptions = {}) {
    this.limits = sessionLimits(limits);
    this.peerLimits = sessionLimits(peerLimits);
    this.slabs = slabs;
    const options = {
      isClient,
      limits: this.limits,
      peerLimits: this.peerLimits,
      heartbeat: { pingAfterMs: defaults.pingAfterMs, deadAfterMs: defaults.deadAfterMs, probeMs: 2_000 },
      ackDelayMs: 50,
      slabs,
    };
    this.machine = new SessionMachine(options, this, 0);
  }

  onOutput(): void {
    this.wantsToWrite = true;
  }
  onConfirmed(): void {
    this.events.push("confirmed");
  }
  onOpened(flow: Flow): void {
    this.opened.push(flow);
    this.told.add(flow);
    this.events.push(`opened ${flow.id} ${flow.name}`);
  }
  onInput(flow: Flow): void {
    this.told.add(flow);
  }
  onProgress(): void {}
  onGoAway(words: GoAway): void {
    this.goAways.push(words);
    this.events.push(`go away: ${words.reason}`);
  }
  onPeerClosing(reason: string): void {
    this.events.push(`peer closing: ${reason}`);
  }
  onBroken(reason: string): void {
    this.brokenBy = reason;
    this.events.push(`broken: ${reason}`);
  }
  onClosed(ending: Ending): void {
    this.ending = ending;
    this.events.push(`closed by ${ending.by}: ${ending.code}`);
  }

  /** A chunk comes from the link. */
  receive(...pieces: readonly Uint8Array[]): void {
    const chunk = joined(pieces);
    this.machine.receive(chunk, this.now);
    chunk.fill(poison);
  }

  attach(peerReceived = 0): void {
    this.brokenBy = undefined;
    this.machine.attach(peerReceived, this.now);
  }

  /** Lets time pass, stopping at each deadline. */
  advance(byMs: number): void {
    const until = this.now + byMs;
    while (this.machine.deadline <= until) {
      this.now = Math.max(this.now, this.machine.deadline);
      this.machine.expire(this.now);
      if (this.machine.deadline <= this.now) break;
    }
    this.now = until;
  }

  /** All that there is to write, each write by itself, which the link has taken when this returns. */
  writes(): Uint8Array[] {
    this.wantsToWrite = false;
    const writes: Uint8Array[] = [];
    for (let next = this.machine.writing(this.now); next; next = this.machine.writing(this.now)) {
      writes.push(next.bytes.slice());
      next.release();
    }
    return writes;
  }

  output(): Uint8Array {
    return joined(this.writes());
  }

  frames(): SeenFrame[] {
    return framesIn(this.output());
  }

  /** The frames to write, as words: `data 1 #3`. */
  said(): string[] {
    return this.frames().map(
      ({ name, isLast, stream, seq }) =>
        `${name}${isLast ? " last" : ""}${stream === 0 ? "" : ` on ${stream}`}${seq === 0 ? "" : ` #${seq}`}`,
    );
  }

  /** Opens a stream; its OPEN may wait. */
  open(name: string, message?: Uint8Array, isLast = false, onTaken = (): void => {}): Flow {
    const flow = this.machine.streams.open(name, undefined);
    const head = encodeOpenHead({ name }, message !== undefined, this.peerLimits.openBytesMax);
    this.wait(flow, frameTypes.open | (isLast ? lastFlag : 0), { head, message, onTaken });
    return flow;
  }

  /** A message, or its stream's END, that may wait. */
  wait(flow: Flow, type: number, more: Partial<Waits> = {}): WaitingSend {
    const { head = none, message, onTaken = () => {}, onFailed = () => {} } = more;
    const messageBytes = message?.length;
    const send = { flow, type, first: head, second: message ?? none, messageBytes, onTaken, onFailed };
    this.machine.wait(send);
    return send;
  }

  /** The next message of a stream, which the application takes. */
  read(flow: Flow = this.machine.streams.main): Uint8Array | undefined {
    if (flow.readableBytes === 0) return undefined;
    const length = readUint24(flow.input.peek(), 0);
    const message = flow.input.take(headerBytes + length).slice(headerBytes);
    this.machine.take(flow, length);
    return message;
  }
}

interface Waits {
  readonly head: Uint8Array;
  readonly message: Uint8Array | undefined;
  readonly onTaken: () => void;
  readonly onFailed: (error: Error) => void;
}

/** A frame's bytes, with whatever may be wrong about them. */
export function frame(
  name: FrameName | number,
  {
    stream = 0,
    seq = 0,
    isLast = false,
    payload = none,
  }: { stream?: number; seq?: number; isLast?: boolean; payload?: Uint8Array } = {},
): Uint8Array {
  const bytes = new Uint8Array(headerBytes + payload.length);
  const type = typeof name === "number" ? name : frameTypes[name];
  writeHeader(bytes, 0, type | (isLast ? lastFlag : 0), payload.length, stream, seq);
  bytes.set(payload, headerBytes);
  return bytes;
}

export function counters(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(8 * values.length);
  for (const [index, value] of values.entries()) writeUint64(bytes, 8 * index, value);
  return bytes;
}

export function ack(received: number): Uint8Array {
  return frame("ack", { payload: counters(received) });
}

export function text(words: string): Uint8Array {
  return new TextEncoder().encode(words);
}

export function framesIn(wire: Uint8Array): SeenFrame[] {
  const frames: SeenFrame[] = [];
  for (let at = 0; at < wire.length; ) {
    const type = wire[at + 3] ?? 0;
    const end = at + headerBytes + readUint24(wire, at);
    const name = frameRules[type]?.name;
    if (name === undefined || end > wire.length) throw new Error(`no whole frame at ${at}`);
    frames.push({
      name,
      isLast: (type & lastFlag) !== 0,
      stream: readUint32(wire, at + 4),
      seq: readUint32(wire, at + 8),
      payload: wire.slice(at + headerBytes, end),
    });
    at = end;
  }
  return frames;
}
