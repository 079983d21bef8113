// One link of a session: a byte stream whose reader changes, from the handshake to the session to nobody.
// Invariant: the memory of a write is released once the transport has let go of it, whoever reads the link by then.

import type { Clock } from "../core/clock.js";
import { DisconnectedError, type SocketError } from "../core/errors.js";
import { type LifecycleEvent, type LifecycleObserver, tell } from "../core/lifecycle.js";
import type { Writing } from "../protocol/session/outbox.js";
import type { ByteStream, ByteStreamSink } from "../transport/byte-stream.js";

/** Whoever reads a link now. */
export interface LinkReader {
  /** `view` is valid during the call only. */
  onChunk(view: Uint8Array): void;
  /** The peer has ended its side. */
  onEnd(): void;
  /** The write under way is done. */
  onWritten(): void;
  /** The last call. */
  onClosed(error: SocketError | undefined): void;
}

export class SessionLink implements ByteStreamSink {
  readonly stream: ByteStream;
  readonly #observer: LifecycleObserver | undefined;
  #reader: LinkReader;
  #underWay: Writing | undefined;
  #isOver = false;
  #isCut = false;
  bytesSent = 0;
  bytesReceived = 0;
  /** For whoever counts the links that are open. */
  onGone: (() => void) | undefined;

  constructor(stream: ByteStream, reader: LinkReader, observer?: LifecycleObserver | undefined) {
    this.stream = stream;
    this.#reader = reader;
    this.#observer = observer;
  }

  start(): void {
    this.#tell({ name: "open" });
    this.stream.start(this);
  }

  /** All that follows is for this reader. */
  hand(reader: LinkReader): void {
    this.#reader = reader;
  }

  /** While it is, nothing else may be written. */
  get isWriting(): boolean {
    return this.#underWay !== undefined;
  }

  write(writing: Writing): void {
    this.bytesSent += writing.bytes.length;
    if (this.stream.write(writing.bytes)) writing.release();
    else this.#underWay = writing;
  }

  /** Now, without another word; nobody is told of its end. */
  cut(): void {
    this.#reader = nobody;
    this.#isCut = true;
    this.stream.abort();
  }

  /**
   * Ends our side behind what is under way, and discards what still comes until the peer's end, or for `lingerMs`.
   * @param onOver Told how it ended: without an error if in order.
   */
  finish(clock: Clock, lingerMs: number, onOver?: (error: SocketError | undefined) => void): void {
    if (this.#isOver) return;
    this.stream.end();
    let late: SocketError | undefined;
    const timer = clock.setTimer(() => {
      const { remote: endpoint } = this.stream;
      late = new DisconnectedError("ERR_CONNECTION_LOST", "the peer did not end its side", { endpoint });
      this.stream.release();
    }, lingerMs);
    this.#reader = {
      ...nobody,
      onClosed: (error = late) => {
        clock.clearTimer(timer);
        onOver?.(error);
      },
    };
  }

  onChunk(view: Uint8Array): void {
    this.bytesReceived += view.length;
    this.#reader.onChunk(view);
  }

  onEnd(): void {
    this.#reader.onEnd();
  }

  onWritten(): void {
    this.#release();
    this.#reader.onWritten();
  }

  onClosed(error?: SocketError): void {
    this.#isOver = true;
    this.#release();
    const by = this.#isCut || error === undefined ? "local" : "network";
    const reason = this.#isCut ? "cut" : (error?.reason ?? "ended");
    this.#tell({ name: "closed", by, reason, error });
    this.#reader.onClosed(error);
    this.onGone?.();
  }

  #tell(event: Pick<LifecycleEvent, "name"> & Partial<LifecycleEvent>): void {
    const { id, local, remote } = this.stream;
    tell(this.#observer, { ...event, id, kind: "connection", local, remote });
  }

  #release(): void {
    const written = this.#underWay;
    this.#underWay = undefined;
    written?.release();
  }
}

const nobody: LinkReader = {
  onChunk: () => {},
  onEnd: () => {},
  onWritten: () => {},
  onClosed: () => {},
};

/** Bytes of our own that nothing else refers to. */
export function written(bytes: Uint8Array): Writing {
  return { bytes, release: () => {} };
}
