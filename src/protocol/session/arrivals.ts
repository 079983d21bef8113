// What the peer's frames do, once `Inbound` has taken them.
// Invariant: a frame is judged by what both sides know: whatever the peer may send by docs/PROTOCOL.md is taken, and
// everything else is a violation with a name.

import type { Closing } from "./closing.js";
import type { Dues } from "./dues.js";
import type { Flow } from "./flow.js";
import { type FrameName, frameTypes, headerBytes, readUint64, writeHeader } from "./frames.js";
import type { InboundHandler } from "./inbound.js";
import type { MachineSink } from "./machine.js";
import { decodeOpen, openHeadBytes } from "./open-frame.js";
import type { Outgoing } from "./outgoing.js";
import type { SessionLimits } from "./session-limits.js";
import type { Streams } from "./streams.js";
import { Violation } from "./violation.js";
import { type Close, decodeAbort, decodeClose, decodeGoAway } from "./words.js";

/** What arrivals need of the rest. */
export interface ArrivalsOwner {
  readonly now: number;
  /** @throws Violation */
  onAck(received: number): void;
  onPong(token: Uint8Array): void;
  /** @throws Violation */
  onClose(close: Close): void;
  /** @throws Violation */
  onCloseAck(): void;
}

export class Arrivals implements InboundHandler {
  readonly #owner: ArrivalsOwner;
  readonly #limits: SessionLimits;
  readonly #streams: Streams;
  readonly #dues: Dues;
  readonly #outgoing: Outgoing;
  readonly #closing: Closing;
  readonly #sink: MachineSink;
  /** Server: nothing but ACK may come first. */
  #isConfirmed: boolean;

  constructor(
    owner: ArrivalsOwner,
    parts: {
      readonly limits: SessionLimits;
      readonly isClient: boolean;
      readonly streams: Streams;
      readonly dues: Dues;
      readonly outgoing: Outgoing;
      readonly closing: Closing;
      readonly sink: MachineSink;
    },
  ) {
    this.#owner = owner;
    this.#limits = parts.limits;
    this.#isConfirmed = parts.isClient;
    this.#streams = parts.streams;
    this.#dues = parts.dues;
    this.#outgoing = parts.outgoing;
    this.#closing = parts.closing;
    this.#sink = parts.sink;
  }

  /** The client has shown that it has the session: by its first ACK, or by a resume. */
  confirm(): void {
    if (this.#isConfirmed) return;
    this.#isConfirmed = true;
    this.#sink.onConfirmed();
  }

  flowFor(stream: number, payloadBytes: number): Flow {
    this.#checkConfirmed("data");
    const { messageBytesMax } = this.#limits;
    if (payloadBytes > messageBytesMax) throw tooLong("data", payloadBytes);
    const flow = this.#inUse("data", stream);
    if (!flow.mayArrive(payloadBytes))
      throw new Violation("credit", `${payloadBytes} bytes more than were allowed`);
    return flow;
  }

  admit(name: FrameName, stream: number, payloadBytes: number): void {
    this.#checkConfirmed(name);
    if (name === "open") {
      const { messageBytesMax, openBytesMax } = this.#limits;
      if (payloadBytes > messageBytesMax + openBytesMax) throw tooLong(name, payloadBytes);
      this.#streams.checkOpen(stream);
    } else if (name === "end") this.#inUse(name, stream);
    else if (handshakeNames.includes(name)) throw new Violation("type", `${name} after the handshake`);
  }

  onFrame(name: FrameName, stream: number, isLast: boolean, payload: Uint8Array): void {
    switch (name) {
      case "open":
        return this.#onOpen(stream, isLast, payload);
      case "end":
        return this.onLast(this.#inUse(name, stream));
      case "abort":
        return this.#onAbort(this.#streams.get(stream), payload);
      case "ack":
        this.#owner.onAck(uint64(payload, 0));
        return this.confirm();
      case "credit":
        return this.#onCredit(this.#streams.get(stream), payload);
      case "ping":
        return this.#dues.pong(payload.slice());
      case "pong":
        return this.#owner.onPong(payload);
      case "goAway":
        return this.#sink.onGoAway(decodeGoAway(payload));
      case "close":
        return this.#owner.onClose(decodeClose(payload));
      case "closeAck":
        return this.#owner.onCloseAck();
    }
  }

  onMessages(flow: Flow): void {
    this.#sink.onInput(flow);
  }

  /** Counted as taken where the stream alone was given up; a session that closes says what nobody read. */
  onDropped(flow: Flow, payloadBytes: number): void {
    if (this.#closing.isAsked) return;
    flow.take(payloadBytes);
    if (flow.receiving === "open" && !flow.isAbortSaid) this.#dues.credit(flow, this.#owner.now);
  }

  onLast(flow: Flow): void {
    flow.receivingOver();
    this.#dues.forgetCredit(flow);
    if (this.#streams.releaseIfOver(flow)) this.#sink.onProgress();
    this.#sink.onInput(flow);
  }

  #onOpen(stream: number, isLast: boolean, payload: Uint8Array): void {
    const headBytes = openHeadBytes(payload);
    if (headBytes > this.#limits.openBytesMax) throw tooLong("open", headBytes);
    const { name, metadata, message } = decodeOpen(payload);
    if (message !== undefined && message.length > this.#limits.messageBytesMax)
      throw tooLong("open", message.length);
    const flow = this.#streams.accept(stream, name, metadata);
    if (message !== undefined) {
      // A stream's first message fits: its allowance is at least a message.
      flow.arrive(message.length);
      const header = new Uint8Array(headerBytes);
      writeHeader(header, 0, frameTypes.data, message.length, stream, 0);
      flow.input.append(header);
      flow.input.append(message);
    }
    if (isLast) flow.receivingOver();
    this.#sink.onOpened(flow);
  }

  /** A stream that has ended meanwhile needs no ABORT any more. */
  #onAbort(flow: Flow | undefined, payload: Uint8Array): void {
    const words = decodeAbort(payload);
    if (flow === undefined) return;
    if (flow.abortedByPeer !== undefined)
      throw new Violation("stream", `stream ${flow.id} was aborted before`);
    if (!flow.isOurs && flow.messagesSent === 0 && flow.sending === "open") {
      this.#streams.countAbort(this.#owner.now);
    }
    flow.abortedByPeer = words;
    flow.receivingOver();
    this.#dues.forgetCredit(flow);
    this.#outgoing.fail(flow, new Error(words.reason));
    if (flow.sending === "open" && !this.#closing.isSaid) {
      this.#outgoing.sayAbort(flow, { code: "aborted", reason: "" });
    }
    if (this.#streams.releaseIfOver(flow)) this.#sink.onProgress();
    this.#sink.onInput(flow);
  }

  #onCredit(flow: Flow | undefined, payload: Uint8Array): void {
    const bytesAllowed = uint64(payload, 0);
    const messagesTaken = uint64(payload, 8);
    if (flow === undefined) return;
    flow.allow(bytesAllowed, messagesTaken);
    this.#outgoing.onCredit(flow);
  }

  #inUse(name: FrameName, stream: number): Flow {
    const flow = this.#streams.get(stream);
    if (flow === undefined || flow.receiving !== "open") {
      throw new Violation("stream", `${name} for stream ${stream}, which has ended or never began`);
    }
    return flow;
  }

  #checkConfirmed(name: FrameName): void {
    if (!this.#isConfirmed && name !== "ack") throw new Violation("type", `${name} before the first ack`);
  }
}

const handshakeNames: readonly FrameName[] = ["hello", "welcome", "resume", "resumed", "reject"];

function tooLong(name: FrameName, bytes: number): Violation {
  return new Violation("length", `${name} with ${bytes} bytes`);
}

function uint64(payload: Uint8Array, at: number): number {
  const value = readUint64(payload, at);
  if (value === undefined) throw new Violation("malformed", "a counter is above 2^53 - 1");
  return value;
}
