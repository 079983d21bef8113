// The stream under TLS as Node's TLS wants it: a Duplex. TLS runs over any byte stream so, TCP, Unix or memory, and we
// see what Node's own wrapping hides: who spoke first, and whether the peer's end was announced (close_notify).
// Invariant: a stream that was given to a wire is released by it, whatever becomes of the TLS above.

import { Duplex } from "node:stream";

import type { SocketError } from "../../core/errors.js";
import type { ByteStream, ByteStreamSink } from "../byte-stream.js";

type Done = (error?: Error | null) => void;

export class Wire extends Duplex implements ByteStreamSink {
  readonly stream: ByteStream;
  /** How the stream broke, if it did. */
  error: SocketError | undefined;
  /** Looks at the first bytes that come, before TLS does. An error is the end of it. */
  #guard: ((first: Uint8Array) => SocketError | undefined) | undefined;
  #isPaused = false;
  #isClosed = false;
  #hasEnded = false;
  /** Released or aborted: what comes is no matter. */
  #isLeaving = false;
  #onWritten: Done | undefined;

  constructor(stream: ByteStream, guard: (first: Uint8Array) => SocketError | undefined) {
    super({ allowHalfOpen: true });
    this.stream = stream;
    this.#guard = guard;
  }

  /** Releases the stream now, by a reset where it has resets. */
  abort(): void {
    this.#isLeaving = true;
    if (!this.#isClosed) this.stream.abort();
    this.destroy();
  }

  /** Releases the stream once what TLS still says is out, or as soon as nobody takes it. */
  release(): void {
    this.#isLeaving = true;
    if (this.#hasEnded || this.#onWritten !== undefined) this.stream.release();
  }

  /** Past TLS, unless a write is under way. */
  say(bytes: Uint8Array): void {
    if (!this.#isClosed && !this.#hasEnded && this.#onWritten === undefined) this.stream.write(bytes);
  }

  onChunk(view: Uint8Array): void {
    if (this.destroyed) return;
    const error = this.#guard?.(view);
    this.#guard = undefined;
    if (error !== undefined) {
      this.error = error;
      this.destroy();
      return;
    }
    if (this.push(Buffer.from(view)) || this.#isPaused) return;
    this.#isPaused = true;
    this.stream.pause();
  }

  onEnd(): void {
    if (!this.destroyed) this.push(null);
  }

  onWritten(): void {
    const done = this.#onWritten;
    this.#onWritten = undefined;
    done?.();
  }

  onClosed(error?: SocketError): void {
    this.#isClosed = true;
    this.error ??= error;
    // What came before is read first: TLS learns of it as of an end that nobody announced.
    if (this.#isLeaving) this.destroy();
    else if (!this.readableEnded && !this.destroyed) this.push(null);
  }

  override _read(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (!this.#isClosed) this.stream.resume();
  }

  override _write(chunk: Uint8Array, _encoding: string, done: Done): void {
    if (this.#isClosed || chunk.length === 0 || this.stream.write(chunk)) done();
    else {
      this.#onWritten = done;
      if (this.#isLeaving) this.stream.release();
    }
  }

  override _writev(chunks: readonly { readonly chunk: Uint8Array }[], done: Done): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), "", done);
  }

  override _final(done: Done): void {
    this.#end();
    if (this.#isLeaving && !this.#isClosed) this.stream.release();
    done();
  }

  /** TLS is over: an alert of its own is on its way, which a reset would overtake. */
  override _destroy(_error: Error | null, done: Done): void {
    if (!this.#isClosed && !this.#isLeaving) {
      this.#isLeaving = true;
      this.#end();
      this.stream.release();
    }
    done();
  }

  #end(): void {
    if (this.#hasEnded || this.#isClosed) return;
    this.#hasEnded = true;
    this.stream.end();
  }
}
