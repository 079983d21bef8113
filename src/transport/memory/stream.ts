// One end of a stream inside this process, between a sink and two wires.
// Invariant: nobody is called back inside their own call: wires say what has happened, and a later turn tells the sink.

import { DisconnectedError, type SocketError, UsageError } from "../../core/errors.js";
import type { ByteStream, ByteStreamSink } from "../byte-stream.js";
import type { Defer, MemoryEnd, Wire } from "./medium.js";

export class MemoryStream implements ByteStream {
  readonly id: number;
  readonly local: string;
  readonly remote: string;
  readonly #readBytesMax: number;
  readonly #defer: Defer;
  readonly #out: Wire;
  readonly #into: Wire;
  #sink: ByteStreamSink | undefined;
  #paused = false;
  /** A turn has been asked for and has not ended yet. */
  #awake = false;

  /** What has arrived and has not been delivered yet. */
  #incoming: Uint8Array | undefined;
  #peerEnded = false;
  #endTold = false;

  #writing: "no" | "under way" | "taken" = "no";
  #ended = false;

  /** Nothing but `onClosed` follows, with this error if there is one. */
  #over = false;
  #error: SocketError | undefined;
  #closed = false;

  constructor(end: MemoryEnd, defer: Defer, out: Wire, into: Wire) {
    this.id = end.id;
    this.local = end.local;
    this.remote = end.remote;
    this.#readBytesMax = end.readBytesMax;
    this.#defer = defer;
    this.#out = out;
    this.#into = into;
  }

  start(sink: ByteStreamSink): void {
    this.#sink = sink;
    this.wake();
  }

  write(chunk: Uint8Array): boolean {
    if (this.#writing !== "no") throw this.#misuse("a write is under way");
    if (this.#ended) throw this.#misuse("it was ended before");
    this.#writing = "under way";
    // The peer may have gone without our caller knowing it yet; `onClosed` will say so.
    if (!this.#over) this.#out.write(chunk);
    return false;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.wake();
  }

  end(): void {
    if (this.#ended || this.#over) return;
    this.#ended = true;
    this.wake();
    this.#out.end();
  }

  release(): void {
    const refused = this.#incoming !== undefined;
    this.#finish(undefined);
    if (refused) this.#out.reset();
    this.#freeUnstarted();
  }

  abort(): void {
    if (this.#over) return;
    this.#finish(undefined);
    this.#out.reset();
    this.#freeUnstarted();
  }

  // What follows is for wires.

  /** Nobody is here any more to take anything. */
  get gone(): boolean {
    return this.#over;
  }

  /** Brings the next chunk; not before the one before was consumed. */
  arrive(chunk: Uint8Array): void {
    if (this.#over) this.#out.reset();
    else this.#incoming = chunk;
  }

  arriveEnd(): void {
    this.#peerEnded = true;
  }

  /** The write under way is done. */
  written(): void {
    this.#writing = "taken";
  }

  /** It broke. What it had not sent is dropped, what has arrived as well. */
  fail(error: SocketError): void {
    if (this.#over) return;
    this.#finish(error);
    this.#out.drop();
  }

  /** What has arrived is the sender's memory, and about to be used again. */
  keep(): void {
    if (this.#incoming !== undefined) this.#incoming = new Uint8Array(this.#incoming);
  }

  /** Asks for a turn. */
  wake(): void {
    if (this.#awake || this.#sink === undefined) return;
    this.#awake = true;
    this.#defer(() => {
      this.#awake = false;
      this.turn();
    });
  }

  /** Tells the sink all that is due. It looks anew after each call, which may have paused, ended or aborted. */
  turn(): void {
    const sink = this.#sink;
    if (sink === undefined || this.#closed) return;
    while (!this.#over) {
      if (this.#writing === "taken") {
        this.#writing = "no";
        sink.onWritten();
      } else if (this.#incoming !== undefined && !this.#paused) {
        this.#deliver(sink, this.#incoming);
      } else if (this.#peerEnded && !this.#endTold && this.#incoming === undefined && !this.#paused) {
        this.#endTold = true;
        sink.onEnd();
      } else if (this.#ended && this.#endTold && this.#writing === "no") {
        this.#over = true;
      } else return;
    }
    this.#closed = true;
    this.#out.free();
    sink.onClosed(this.#error);
  }

  #finish(error: SocketError | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#error = error;
    this.#incoming = undefined;
    this.wake();
  }

  /** It may never be started, and then there is no turn that would. */
  #freeUnstarted(): void {
    if (this.#sink === undefined) this.#out.free();
  }

  #deliver(sink: ByteStreamSink, chunk: Uint8Array): void {
    sink.onChunk(chunk.subarray(0, this.#readBytesMax));
    // Aborted from inside.
    if (this.#incoming !== chunk) return;
    if (chunk.length > this.#readBytesMax) this.#incoming = chunk.subarray(this.#readBytesMax);
    else {
      this.#incoming = undefined;
      this.#into.consumed();
    }
  }

  #misuse(reason: string): UsageError {
    return new UsageError(reason, { endpoint: this.remote });
  }
}

/** What the end `local` is told when its peer, or something between them, reset the connection. */
export function resetByPeer(local: string): DisconnectedError {
  return new DisconnectedError("ERR_CONNECTION_RESET", "the peer reset the connection", { endpoint: local });
}
