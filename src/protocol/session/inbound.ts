// The way in: a link's bytes, cut into frames, each frame checked by its header before anything of it is kept.
// Invariant: sequenced frames are taken once and in order, and only whole ones count; the part of a message that has
// arrived lies behind the whole ones of its stream, and is taken back if its link breaks.

import { ByteQueue } from "../../core/byte-queue.js";
import type { Flow } from "./flow.js";
import {
  type FrameName,
  type FrameRule,
  frameRules,
  headerBytes,
  lastFlag,
  readUint24,
  readUint32,
} from "./frames.js";
import { costOf } from "./outbox.js";
import type { SessionLimits } from "./session-limits.js";
import { Violation } from "./violation.js";

export interface InboundHandler {
  /** Where a message of this size goes. @throws Violation if it may not come. */
  flowFor(stream: number, payloadBytes: number): Flow;
  /** Looks at the header of any other frame. @throws Violation if it may not come. */
  admit(name: FrameName, stream: number): void;
  /** Any other frame, whole; `payload` is valid during the call only. @throws Violation */
  onFrame(name: FrameName, stream: number, isLast: boolean, payload: Uint8Array): void;
  /** There is more to read. */
  onMessages(flow: Flow): void;
  /** A message came that nobody will read. */
  onDropped(flow: Flow, payloadBytes: number): void;
  /** The message that was the stream's last is here. */
  onLast(flow: Flow): void;
}

/** What becomes of the frame under way. */
type Mode = "message" | "drop" | "duplicate" | "collect";

const none = new Uint8Array(0);

export class Inbound {
  readonly #limits: SessionLimits;
  readonly #handler: InboundHandler;
  /** Sequenced frames taken, which is the number of the last. */
  received = 0;
  /** What they cost of the sender's outbox, or a little more. */
  receivedBytes = 0;
  /** No sequenced frame may have a higher number. */
  final: number = Number.POSITIVE_INFINITY;
  /** Nothing is taken any more, not even the rest of the chunk that said so. */
  isOver = false;

  /** A header that comes in pieces. */
  readonly #header = new Uint8Array(headerBytes);
  #headerSize = 0;
  /** The frame under way, and what is left of its payload. */
  #name: FrameName = "data";
  #isSequenced = true;
  #isLast = false;
  #stream = 0;
  #length = 0;
  #rest = 0;
  #mode: Mode = "collect";
  #flow: Flow | undefined;
  readonly #body = new ByteQueue();

  /** Bytes of the chunk that go to one stream and lie side by side: one copy for all of them. */
  #chunk: Uint8Array = none;
  #runFlow: Flow | undefined;
  #runStart = 0;
  #runEnd = 0;

  constructor(limits: SessionLimits, handler: InboundHandler) {
    this.#limits = limits;
    this.#handler = handler;
  }

  /** Another link: what was under way on the old one has not arrived. */
  restart(): void {
    this.#headerSize = 0;
    this.#rest = 0;
    this.#body.skip(this.#body.size);
    if (this.#mode === "message") this.#flow?.dropIncomplete();
    this.#mode = "collect";
    this.#flow = undefined;
  }

  /** Nobody will read this stream: what is here of it is dropped, and what is under way will be. */
  discard(flow: Flow): void {
    flow.isDiscarding = true;
    flow.dropInput();
    if (this.#flow === flow && this.#mode === "message") this.#mode = "drop";
  }

  /** @throws Violation; what came before the frame that it is about is delivered. */
  receive(chunk: Uint8Array): void {
    this.#chunk = chunk;
    try {
      for (let at = 0; at < chunk.length && !this.isOver; ) {
        at = this.#rest > 0 ? this.#takePayload(at) : this.#takeHeader(at);
      }
    } finally {
      this.#keepRun();
      this.#chunk = none;
    }
  }

  #takeHeader(at: number): number {
    const chunk = this.#chunk;
    let end = at + headerBytes;
    if (this.#headerSize === 0 && end <= chunk.length) {
      this.#begin(chunk, at);
      const whole = end + this.#length;
      if (this.#mode === "message" && whole <= chunk.length) {
        this.#extendRun(at, whole);
        this.#finish(none);
        return whole;
      }
      if (this.#mode === "message") this.#extendRun(at, end);
    } else {
      end = Math.min(chunk.length, end - this.#headerSize);
      this.#header.set(chunk.subarray(at, end), this.#headerSize);
      this.#headerSize += end - at;
      if (this.#headerSize < headerBytes) return end;
      this.#headerSize = 0;
      this.#begin(this.#header, 0);
      if (this.#mode === "message") {
        this.#keepRun();
        this.#flow?.input.append(this.#header);
      }
    }
    if (this.#mode === "message" && this.#flow !== undefined) this.#flow.incompleteBytes = headerBytes;
    this.#rest = this.#length;
    if (this.#rest === 0) this.#finish(none);
    return end;
  }

  #takePayload(at: number): number {
    const end = Math.min(this.#chunk.length, at + this.#rest);
    this.#rest -= end - at;
    if (this.#mode === "message") {
      this.#extendRun(at, end);
      if (this.#flow !== undefined) this.#flow.incompleteBytes += end - at;
    }
    if (this.#mode !== "collect") {
      if (this.#rest === 0) this.#finish(none);
      return end;
    }
    const piece = this.#chunk.subarray(at, end);
    if (this.#rest > 0) this.#body.append(piece);
    else if (this.#body.size === 0) this.#finish(piece);
    else {
      this.#body.append(piece);
      this.#finish(this.#body.take(this.#body.size));
    }
    return end;
  }

  /** Reads and checks a header, and decides what becomes of the frame. */
  #begin(from: Uint8Array, at: number): void {
    const type = from[at + 3] ?? 0;
    const rule = frameRules[type];
    if (rule === undefined) throw new Violation("type", `0x${type.toString(16)} is no frame type`);
    const { name } = rule;
    const length = readUint24(from, at);
    const stream = readUint32(from, at + 4);
    const seq = readUint32(from, at + 8);
    const isLast = (type & lastFlag) !== 0;
    if (length < rule.bytesMin || length > this.#longest(rule)) {
      throw new Violation("length", `${name} with ${length} bytes`);
    }
    if (rule.stream !== "any" && (stream === 0) !== (rule.stream === "zero")) {
      throw new Violation("type", `${name} on stream ${stream}`);
    }
    if (isLast && stream === 0) throw new Violation("type", "LAST on stream 0");
    this.#name = name;
    this.#isSequenced = rule.isSequenced;
    this.#isLast = isLast;
    this.#stream = stream;
    this.#length = length;
    if (!rule.isSequenced) {
      if (seq !== 0) throw new Violation("type", `${name} with a seq`);
      this.#handler.admit(name, stream);
      this.#mode = "collect";
    } else if (this.#isDuplicate(seq)) {
      this.#mode = "duplicate";
    } else if (name === "data") {
      const flow = this.#handler.flowFor(stream, length);
      this.#flow = flow;
      this.#mode = flow.isDiscarding ? "drop" : "message";
    } else {
      this.#handler.admit(name, stream);
      this.#mode = "collect";
    }
  }

  #longest({ name, bytesMax }: FrameRule): number {
    const { messageBytesMax, openBytesMax } = this.#limits;
    if (name === "data") return messageBytesMax;
    return name === "open" ? openBytesMax + messageBytesMax : bytesMax;
  }

  /** @throws Violation for a frame with one missing before it, or one behind the final one. */
  #isDuplicate(seq: number): boolean {
    const expected = this.received + 1;
    const behind = ((expected >>> 0) - seq) >>> 0;
    if (behind === 0) {
      if (expected > this.final)
        throw new Violation("final", `frame ${expected}, and ${this.final} was the final one`);
      return false;
    }
    if (behind < 2 ** 31 && behind <= this.received) return true;
    throw new Violation("gap", `frame ${expected} is missing`);
  }

  #finish(payload: Uint8Array): void {
    if (this.#mode === "duplicate") return;
    const flow = this.#flow;
    if (this.#mode === "collect") {
      this.#keepRun();
      this.#handler.onFrame(this.#name, this.#stream, this.#isLast, payload);
      // Only now: a frame that cannot be read has not arrived.
      if (this.#isSequenced) this.#count();
      return;
    }
    if (flow === undefined) return;
    flow.arrive(this.#length);
    this.#count();
    if (this.#mode === "drop") this.#handler.onDropped(flow, this.#length);
    else {
      flow.incompleteBytes = 0;
      // An empty message whose header came in pieces leaves nothing in the chunk that tells of it.
      if (this.#runFlow !== flow) this.#handler.onMessages(flow);
    }
    this.#flow = undefined;
    if (!this.#isLast) return;
    this.#keepRun();
    this.#handler.onLast(flow);
  }

  #count(): void {
    this.received += 1;
    this.receivedBytes += costOf(this.#length);
  }

  #extendRun(start: number, end: number): void {
    if (this.#runFlow !== this.#flow || this.#runEnd !== start) {
      this.#keepRun();
      this.#runFlow = this.#flow;
      this.#runStart = start;
    }
    this.#runEnd = end;
  }

  #keepRun(): void {
    const flow = this.#runFlow;
    if (flow === undefined) return;
    this.#runFlow = undefined;
    flow.input.append(this.#chunk.subarray(this.#runStart, this.#runEnd));
    this.#handler.onMessages(flow);
  }
}
