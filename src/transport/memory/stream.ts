// One end of a stream inside this process. A write waits with its writer until the other end has taken it.
// Invariant: between two ends nothing is stored but the one chunk under way in each direction, which is the writer's
// own memory; so a reader that pauses stops its writer at once.

import { DisconnectedError, type SocketError, UsageError } from "../../core/errors.js";
import { nextSocketId } from "../../core/lifecycle.js";
import type { ByteStream, ByteStreamSink } from "../byte-stream.js";

/** Runs `task` later, never at once; tasks run in the order in which they were given. */
export type Defer = (task: () => void) => void;

export interface MemoryPair {
  readonly dialer: ByteStream;
  readonly accepted: ByteStream;
}

/** What one end is called, and how much it takes at once. */
export interface MemoryEnd {
  readonly id: number;
  readonly local: string;
  readonly remote: string;
  readonly readBytesMax: number;
}

/** Both ends of one stream: the dialling one as described, the other as its mirror image. */
export function joinedStreams(defer: Defer, dialer: MemoryEnd, readBytesMax: number): MemoryPair {
  const { local, remote } = dialer;
  const mirrored = { id: nextSocketId(), local: remote, remote: local, readBytesMax };
  const stream = new MemoryStream(defer, dialer, (peer) => new MemoryStream(defer, mirrored, () => peer));
  return { dialer: stream, accepted: stream.peer };
}

class MemoryStream implements ByteStream {
  readonly id: number;
  readonly local: string;
  readonly remote: string;
  readonly peer: MemoryStream;
  readonly #readBytesMax: number;
  readonly #defer: Defer;
  #sink: ByteStreamSink | undefined;
  #paused = false;
  /** A turn has been asked for and has not come yet. */
  #awake = false;

  /** What of the peer's write under way has not been delivered yet. */
  #incoming: Uint8Array | undefined;
  #peerEnded = false;
  #endTold = false;

  #writing: "no" | "under way" | "taken" = "no";
  #ended = false;

  /** Nothing but `onClosed` follows, with this error if there is one. */
  #over = false;
  #error: SocketError | undefined;
  #closed = false;

  constructor(defer: Defer, end: MemoryEnd, peerOf: (stream: MemoryStream) => MemoryStream) {
    this.#defer = defer;
    this.id = end.id;
    this.local = end.local;
    this.remote = end.remote;
    this.#readBytesMax = end.readBytesMax;
    this.peer = peerOf(this);
  }

  start(sink: ByteStreamSink): void {
    if (this.#sink !== undefined) throw this.#misuse("it was started before");
    this.#sink = sink;
    this.#wake();
  }

  write(chunk: Uint8Array): boolean {
    if (this.#writing !== "no") throw this.#misuse("a write is under way");
    if (this.#ended) throw this.#misuse("it was ended before");
    this.#writing = "under way";
    // The peer may have gone without our caller knowing it yet; `onClosed` will say so.
    if (!this.#over) this.peer.#arrive(chunk);
    return false;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#wake();
  }

  end(): void {
    if (this.#ended || this.#over) return;
    this.#ended = true;
    this.#wake();
    this.peer.#arriveEnd();
  }

  release(): void {
    const refused = this.#incoming;
    this.#finish(undefined);
    if (refused !== undefined) this.#resetPeer();
  }

  abort(): void {
    if (this.#over) return;
    this.#finish(undefined);
    this.#resetPeer();
  }

  #resetPeer(): void {
    const where = { endpoint: this.local };
    this.peer.#finish(new DisconnectedError("ERR_CONNECTION_RESET", "the peer reset the connection", where));
  }

  #arrive(chunk: Uint8Array): void {
    // Nobody is here any more to take it.
    if (this.#over) {
      this.#resetPeer();
      return;
    }
    this.#incoming = chunk;
    this.#wake();
  }

  #arriveEnd(): void {
    this.#peerEnded = true;
    this.#wake();
  }

  #taken(): void {
    this.#writing = "taken";
    this.#wake();
  }

  #finish(error: SocketError | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#error = error;
    this.#incoming = undefined;
    this.#wake();
  }

  #wake(): void {
    if (this.#awake || this.#sink === undefined) return;
    this.#awake = true;
    this.#defer(() => {
      this.#awake = false;
      this.#turn();
    });
  }

  /** Tells the sink all that is due. It looks anew after each call, which may have paused, ended or aborted. */
  #turn(): void {
    const sink = this.#sink;
    if (sink === undefined) return;
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
    if (this.#closed) return;
    this.#closed = true;
    sink.onClosed(this.#error);
  }

  #deliver(sink: ByteStreamSink, chunk: Uint8Array): void {
    sink.onChunk(chunk.subarray(0, this.#readBytesMax));
    // Aborted from inside.
    if (this.#incoming !== chunk) return;
    if (chunk.length > this.#readBytesMax) this.#incoming = chunk.subarray(this.#readBytesMax);
    else {
      this.#incoming = undefined;
      this.peer.#taken();
    }
  }

  #misuse(reason: string): UsageError {
    return new UsageError(reason, { endpoint: this.remote });
  }
}
