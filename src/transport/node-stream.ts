// The byte stream over one of Node's own sockets (TCP or Unix), reading into the shared buffer.
// Invariant: a write that is not done at once holds the only write under way; Node's queue is never used as a buffer.

import type net from "node:net";

import type { SocketError } from "../core/errors.js";
import { nextSocketId } from "../core/lifecycle.js";
import type { ByteStream, ByteStreamSink } from "./byte-stream.js";
import { type ReadCallback, readBuffer } from "./shared-read.js";
import { systemError } from "./system-errors.js";

const owner: unique symbol = Symbol("the NodeStream of a socket");

interface OwnedSocket extends net.Socket {
  [owner]?: NodeStream;
}

export class NodeStream implements ByteStream {
  readonly id: number;
  readonly local: string;
  readonly remote: string;
  readonly #socket: net.Socket;
  /** A reset exists for TCP only; a Unix socket is simply released. */
  readonly #canReset: boolean;
  #sink: ByteStreamSink | undefined;
  #writing = false;
  #paused = false;
  #aborted = false;
  #error: SocketError | undefined;

  /** @param socket Made by `adopt` or with `readInto`, and paused. */
  constructor(socket: net.Socket, { id = nextSocketId(), local, remote }: StreamNames) {
    this.id = id;
    this.local = local;
    this.remote = remote;
    this.#socket = socket;
    this.#canReset = !local.startsWith("unix:");
    (socket as OwnedSocket)[owner] = this;
    // A write that `end` follows finishes without a drain.
    socket.on("drain", NodeStream.#onDrain).on("finish", NodeStream.#onDrain).on("end", NodeStream.#onEnd);
    socket.on("error", NodeStream.#onError).on("close", NodeStream.#onClose);
  }

  start(sink: ByteStreamSink): void {
    this.#sink = sink;
    // It may have broken before anybody looked.
    if (this.#socket.destroyed) queueMicrotask(() => this.#closed());
    else this.#socket.resume();
  }

  write(chunk: Uint8Array): boolean {
    this.#socket.write(chunk);
    this.#writing = this.#socket.writableLength > 0;
    return !this.#writing;
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
    // A resume of the same turn begins to read at its end, whatever was said since.
    process.nextTick(NodeStream.#holdPaused, this);
  }

  resume(): void {
    this.#paused = false;
    this.#socket.resume();
  }

  static #holdPaused(stream: NodeStream): void {
    if (stream.#paused) stream.#socket.pause();
  }

  end(): void {
    this.#socket.end();
  }

  abort(): void {
    this.#aborted = true;
    if (this.#canReset) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  #closed(): void {
    const sink = this.#sink;
    this.#sink = undefined;
    sink?.onClosed(this.#error);
  }

  // One function each for all sockets, which Node calls with the socket as `this`: no closures per connection.

  /** For `onread`: Node goes on reading when it returns true. */
  static onRead(this: OwnedSocket, byteCount: number, buffer: Uint8Array): boolean {
    const stream = this[owner];
    if (stream !== undefined && !stream.#aborted) stream.#sink?.onChunk(buffer.subarray(0, byteCount));
    return true;
  }

  /** For sockets that could not be taken over, in place of `onRead`. */
  static onData(this: OwnedSocket, chunk: Uint8Array): void {
    const stream = this[owner];
    if (stream !== undefined && !stream.#aborted) stream.#sink?.onChunk(chunk);
  }

  static #onEnd(this: OwnedSocket): void {
    const stream = this[owner];
    if (stream !== undefined && !stream.#aborted) stream.#sink?.onEnd();
  }

  /** Comes late after writes that were done at once, too; only the one that is under way counts. */
  static #onDrain(this: OwnedSocket): void {
    const stream = this[owner];
    if (stream === undefined || !stream.#writing || this.writableLength > 0) return;
    stream.#writing = false;
    if (!stream.#aborted) stream.#sink?.onWritten();
  }

  static #onError(this: OwnedSocket, error: Error): void {
    const stream = this[owner];
    // After our own abort, what the system says of it is no news.
    if (stream === undefined || stream.#aborted) return;
    stream.#error ??= systemError(error, { endpoint: stream.remote });
  }

  static #onClose(this: OwnedSocket): void {
    const stream = this[owner];
    if (stream !== undefined) stream.#closed();
  }
}

interface StreamNames {
  readonly id?: number;
  readonly local: string;
  readonly remote: string;
}

/** The options that make a connecting socket read into the shared buffer. */
export function readInto(readBytesMax: number): { buffer: Uint8Array; callback: ReadCallback } {
  return { buffer: readBuffer(readBytesMax), callback: NodeStream.onRead };
}
