// What the peer's frames do, once `Inbound` has taken them.
// Invariant: a frame is judged by what both sides know: whatever the peer may send by docs/PROTOCOL.md is taken, and
// everything else is a violation with a name.

import type { Closing } from "./closing.js";
import type { Ending, MachineSink } from "./contract.js";
import type { Dues } from "./dues.js";
import type { Flow } from "./flow.js";
import { type FrameName, frameTypes, headerBytes, readUint64, writeHeader } from "./frames.js";
import { Inbound, type InboundHandler } from "./inbound.js";
import { decodeOpen, openHeadBytes } from "./open-frame.js";
import type { Outbox } from "./outbox.js";
import type { Outgoing } from "./outgoing.js";
import type { SessionLimits } from "./session-limits.js";
import type { Streams } from "./streams.js";
import { Violation } from "./violation.js";
import { type Close, decodeAbort, decodeClose, decodeGoAway } from "./words.js";

export interface ArrivalsParts {
  readonly limits: SessionLimits;
  readonly isClient: boolean;
  readonly streams: Streams;
  readonly dues: Dues;
  readonly outgoing: Outgoing;
  readonly outbox: Outbox;
  readonly closing: Closing;
  readonly sink: MachineSink;
}

export interface ArrivalsOwner {
  /** `token` is valid during the call only. */
  onPong(token: Uint8Array): void;
  /** The session is over. */
  onEnded(ending: Ending): void;
}

export class Arrivals implements InboundHandler {
  readonly inbound: Inbound;
  readonly #parts: ArrivalsParts;
  readonly #owner: ArrivalsOwner;
  /** Server: nothing but ACK may come first. */
  #isConfirmed: boolean;
  /** What the peer said last on this link. */
  #ackHeard = 0;
  #now = 0;
  /** The stream of the last message. */
  #recent: Flow | undefined;

  constructor(parts: ArrivalsParts, owner: ArrivalsOwner) {
    this.#parts = parts;
    this.#owner = owner;
    this.inbound = new Inbound(parts.limits, this);
    this.#isConfirmed = parts.isClient;
  }

  /** A new link, in whose handshake the peer said what it has received. @throws Violation */
  restart(peerReceived: number): void {
    this.#parts.outbox.rewind(peerReceived, this.#onLastAcknowledged);
    this.#ackHeard = peerReceived;
  }

  /** @throws Violation */
  receive(chunk: Uint8Array, now: number): void {
    this.#now = now;
    this.inbound.receive(chunk);
  }

  /** The client has shown that it has the session: by its first ACK, or by a resume. */
  confirm(): void {
    if (this.#isConfirmed) return;
    this.#isConfirmed = true;
    this.#parts.sink.onConfirmed();
  }

  flowFor(stream: number, payloadBytes: number): Flow {
    this.#checkConfirmed("data");
    let flow = this.#recent;
    // Most messages follow one of the same stream.
    if (flow === undefined || flow.id !== stream || flow.receiving !== "open") {
      flow = this.#inUse("data", stream);
      this.#recent = flow;
    }
    if (!flow.mayArrive(payloadBytes))
      throw new Violation("credit", `${payloadBytes} bytes more than were allowed`);
    return flow;
  }

  admit(name: FrameName, stream: number): void {
    this.#checkConfirmed(name);
    if (name === "open") this.#parts.streams.checkOpen(stream);
    else if (name === "end") this.#inUse(name, stream);
    else if (handshakeNames.includes(name)) throw new Violation("type", `${name} after the handshake`);
  }

  onFrame(name: FrameName, stream: number, isLast: boolean, payload: Uint8Array): void {
    switch (name) {
      case "open":
        this.#onOpen(stream, isLast, payload);
        break;
      case "end":
        this.onLast(this.#inUse(name, stream));
        break;
      case "abort":
        this.#onAbort(this.#parts.streams.get(stream), payload);
        break;
      case "ack":
        this.#onAck(uint64(payload, 0));
        break;
      case "credit":
        this.#onCredit(this.#parts.streams.get(stream), payload);
        break;
      case "ping":
        this.#parts.dues.pong(payload.slice());
        break;
      case "pong":
        this.#owner.onPong(payload);
        break;
      case "goAway":
        this.#parts.sink.onGoAway(decodeGoAway(payload));
        break;
      case "close":
        this.#onClose(decodeClose(payload));
        break;
      case "closeAck": {
        const { acknowledged, sent } = this.#parts.outbox;
        this.#parts.closing.hearAck(acknowledged === sent);
        break;
      }
    }
  }

  onMessages(flow: Flow): void {
    this.#parts.sink.onInput(flow);
  }

  /** Counted as taken where the stream alone was given up; a session that closes says what nobody read. */
  onDropped(flow: Flow, payloadBytes: number): void {
    if (this.#parts.closing.isAsked) return;
    flow.take(payloadBytes);
    if (flow.receiving === "open" && !flow.isAbortSaid) this.#parts.dues.credit(flow, this.#now);
  }

  onLast(flow: Flow): void {
    flow.receivingOver();
    this.#parts.dues.forgetCredit(flow);
    if (this.#parts.streams.releaseIfOver(flow)) this.#parts.sink.onProgress();
    this.#parts.sink.onInput(flow);
  }

  #onOpen(stream: number, isLast: boolean, payload: Uint8Array): void {
    const headBytes = openHeadBytes(payload);
    if (headBytes > this.#parts.limits.openBytesMax) throw tooLong("open", headBytes);
    const { name, metadata, message } = decodeOpen(payload);
    if (message !== undefined && message.length > this.#parts.limits.messageBytesMax)
      throw tooLong("open", message.length);
    const flow = this.#parts.streams.accept(stream, name, metadata);
    if (message !== undefined) {
      // A stream's first message fits: its allowance is at least a message.
      flow.arrive(message.length);
      const header = new Uint8Array(headerBytes);
      writeHeader(header, 0, frameTypes.data, message.length, stream, 0);
      flow.input.append(header);
      flow.input.append(message);
    }
    if (isLast) flow.receivingOver();
    this.#parts.sink.onOpened(flow);
  }

  /** A stream that has ended meanwhile needs no ABORT any more. */
  #onAbort(flow: Flow | undefined, payload: Uint8Array): void {
    const words = decodeAbort(payload);
    if (flow === undefined) return;
    if (flow.abortedByPeer !== undefined)
      throw new Violation("stream", `stream ${flow.id} was aborted before`);
    if (!flow.isOurs && flow.messagesSent === 0 && flow.sending === "open") {
      this.#parts.streams.countAbort(this.#now);
    }
    flow.abortedByPeer = words;
    flow.receivingOver();
    this.#parts.dues.forgetCredit(flow);
    this.#parts.outgoing.fail(flow, new Error(words.reason));
    if (flow.sending === "open" && !this.#parts.closing.isSaid) {
      this.#parts.outgoing.sayAbort(flow, { code: "aborted", reason: "" });
    }
    if (this.#parts.streams.releaseIfOver(flow)) this.#parts.sink.onProgress();
    this.#parts.sink.onInput(flow);
  }

  #onCredit(flow: Flow | undefined, payload: Uint8Array): void {
    const bytesAllowed = uint64(payload, 0);
    const messagesTaken = uint64(payload, 8);
    if (flow === undefined) return;
    flow.allow(bytesAllowed, messagesTaken);
    this.#parts.outgoing.onCredit(flow);
  }

  #onAck(received: number): void {
    if (received < this.#ackHeard)
      throw new Violation("ack", `an ACK of ${received} behind one of ${this.#ackHeard}`);
    this.#ackHeard = received;
    this.#parts.outbox.acknowledge(received, this.#onLastAcknowledged);
    this.#parts.outgoing.admit();
    this.confirm();
    this.#parts.sink.onProgress();
  }

  readonly #onLastAcknowledged = (stream: number): void => {
    const flow = this.#parts.streams.get(stream);
    // An ABORT behind the end of its direction changes nothing any more.
    if (flow?.sending !== "ended") return;
    flow.sendingOver();
    this.#parts.streams.releaseIfOver(flow);
  };

  #onClose(close: Close): void {
    const { closing, streams, outgoing, sink } = this.#parts;
    const { code, reason, final } = close;
    if (code !== "closed") {
      this.#owner.onEnded({ by: "remote", code, reason, isHeard: true });
      return;
    }
    const isNews = !closing.isHeard;
    closing.hear(close, this.inbound.received);
    this.inbound.final = final;
    if (!isNews || closing.isSaid) return;
    for (const flow of streams) outgoing.fail(flow, new Error("the peer is closing the session"));
    sink.onPeerClosing(reason);
  }

  #inUse(name: FrameName, stream: number): Flow {
    const flow = this.#parts.streams.get(stream);
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
