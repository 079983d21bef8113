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
  #sink: ByteStreamSink | undefined;
  #writing = false;
  #released = false;
  #error: SocketError | undefined;

  /** @param socket Made by `adopt` or with `readInto`, and paused. */
  constructor(socket: net.Socket, { id = nextSocketId(), local, remote }: StreamNames) {
    this.id = id;
    this.local = local;
    this.remote = remote;
    this.#socket = socket;
    (socket as OwnedSocket)[owner] = this;
    // Behind an end no drain comes, only the finish.
    socket.on("drain", NodeStream.#onDrain).on("finish", NodeStream.#onDrain);
    socket.on("resume", NodeStream.#onResume).on("end", NodeStream.#onEnd);
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
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  release(): void {
    this.#released = true;
    this.#socket.destroy();
  }

  abort(): void {
    this.#released = true;
    cut(this.#socket, this.local);
  }

  #closed(): void {
    const sink = this.#sink;
    this.#sink = undefined;
    sink?.onClosed(this.#error);
  }

  // One function each for all sockets, which Node calls with the socket as `this`: no closures per connection.

  /** For `onread`: Node goes on reading when it returns true. */
  static onRead(this: net.Socket, byteCount: number, buffer: Uint8Array): boolean {
    const stream = (this as OwnedSocket)[owner];
    if (stream !== undefined && !stream.#released) stream.#sink?.onChunk(buffer.subarray(0, byteCount));
    return true;
  }

  /** Node resumes a tick later, and then begins to read even if it was paused again meanwhile. */
  static #onResume(this: OwnedSocket): void {
    if (this.isPaused()) this.pause();
  }

  static #onEnd(this: OwnedSocket): void {
    const stream = this[owner];
    if (stream !== undefined && !stream.#released) stream.#sink?.onEnd();
  }

  /** Comes late after writes that were done at once, too; only the one that is under way counts. */
  static #onDrain(this: OwnedSocket): void {
    const stream = this[owner];
    if (stream === undefined || !stream.#writing || this.writableLength > 0) return;
    stream.#writing = false;
    if (!stream.#released) stream.#sink?.onWritten();
  }

  static #onError(this: OwnedSocket, error: Error): void {
    const stream = this[owner];
    // After our own release, what the system says of it is no news.
    if (stream === undefined || stream.#released) return;
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

/** Releases it now, by a reset where there are resets: a Unix socket has none, and Node throws for it. */
export function cut(socket: net.Socket, local: string): void {
  if (local.startsWith("unix:")) socket.destroy();
  // The system refuses a reset while an end is on its way, and Node then neither closes the handle nor says so. It
  // is under way for a turn at most, since nothing is left to be written before it.
  else if (socket.writableEnded && !socket.writableFinished && socket.writableLength === 0) {
    socket.once("finish", () => socket.resetAndDestroy());
  } else socket.resetAndDestroy();
}

/** The options that make a connecting socket read into the shared buffer. */
export function readInto(readBytesMax: number): { buffer: Uint8Array; callback: ReadCallback } {
  return { buffer: readBuffer(readBytesMax), callback: NodeStream.onRead };
}

/** The same for an accepted socket that could not be taken over: it is read by its events. */
export function readByEvents(socket: net.Socket, readBytesMax: number): net.Socket {
  const read = (chunk: Uint8Array) =>
    inPieces(socket, chunk, readBytesMax, (piece) => NodeStream.onRead.call(socket, piece.length, piece));
  return socket.on("data", read).pause();
}

/** Hands out a chunk that a socket has read, at most `readBytesMax` at once. */
export function inPieces(
  socket: net.Socket,
  chunk: Uint8Array,
  readBytesMax: number,
  deliver: (piece: Uint8Array) => void,
): void {
  for (let start = 0; start < chunk.length; start += readBytesMax) {
    // Paused at the piece before: the others are for later, as if they had not been read.
    if (socket.isPaused()) return void socket.unshift(chunk.subarray(start));
    deliver(chunk.subarray(start, start + readBytesMax));
  }
}
