// A ByteStream under test: drives it, keeps what it delivers, and notes each breach of the contract.
// Invariant: nothing is asserted inside a callback, where a throw would hit the transport; `check` tells it all.

import assert from "node:assert/strict";

import type { SocketError } from "../core/errors.js";
import type { ByteStream, ByteStreamSink } from "../transport/byte-stream.js";

type Event = "chunk" | "end" | "written" | "closed";

export class StreamDriver implements ByteStreamSink {
  readonly stream: ByteStream;
  /** Called from inside the callback of that name. */
  readonly inside: { [event in Event]?: () => void } = {};
  readonly told: { [event in Event]: number } = { chunk: 0, end: 0, written: 0, closed: 0 };
  error: SocketError | undefined;
  bytesReceived = 0;

  #pieces: Uint8Array[] = [];
  #started = false;
  #aborted = false;
  #inCall = false;
  #over = false;
  readonly #breaches: string[] = [];
  #watchers: { readonly met: () => boolean; readonly resolve: () => void }[] = [];

  constructor(stream: ByteStream) {
    this.stream = stream;
  }

  start(): this {
    this.#started = true;
    this.#call(() => this.stream.start(this));
    return this;
  }

  /** Writes a copy, and spoils it once it is written: the memory is the caller's again. */
  async write(bytes: Uint8Array): Promise<void> {
    const chunk = new Uint8Array(bytes);
    const written = this.told.written;
    const done = this.#call(() => this.stream.write(chunk));
    if (!done) await this.until(() => this.told.written > written || this.told.closed > 0);
    chunk.fill(0xee);
  }

  pause(): void {
    this.#call(() => this.stream.pause());
  }

  resume(): void {
    this.#call(() => this.stream.resume());
  }

  end(): void {
    this.#call(() => this.stream.end());
  }

  abort(): void {
    this.#aborted = true;
    this.#call(() => this.stream.abort());
  }

  /** Resolves to all that has come, once it is at least `count` bytes. */
  async received(count: number): Promise<Uint8Array> {
    await this.until(() => this.bytesReceived >= count || this.told.closed > 0);
    return this.takeAll();
  }

  takeAll(): Uint8Array {
    const all = new Uint8Array(Buffer.concat(this.#pieces));
    this.#pieces = [];
    return all;
  }

  /** Resolves when `met` holds, looking after each event. */
  until(met: () => boolean): Promise<void> {
    if (met()) return Promise.resolve();
    return new Promise((resolve) => this.#watchers.push({ met, resolve }));
  }

  ended(): Promise<void> {
    return this.until(() => this.told.end > 0 || this.told.closed > 0);
  }

  closed(): Promise<void> {
    return this.until(() => this.told.closed > 0);
  }

  /** Releases the stream and waits for its last call. */
  async release(): Promise<void> {
    if (!this.#over && !this.#aborted) this.abort();
    if (this.#started) await this.closed();
    // What must not come any more would come now.
    await turns(3);
  }

  /** @throws AssertionError with every breach so far. */
  check(): void {
    assert.deepEqual(this.#breaches, [], `stream ${this.stream.id} broke its contract`);
  }

  onChunk(view: Uint8Array): void {
    if (view.length === 0) this.#breaches.push("an empty chunk");
    if (this.told.end > 0) this.#breaches.push("a chunk after the end");
    this.bytesReceived += view.length;
    this.#pieces.push(new Uint8Array(view));
    this.#tell("chunk");
  }

  onEnd(): void {
    if (this.told.end > 0) this.#breaches.push("a second end");
    this.#tell("end");
  }

  onWritten(): void {
    this.#tell("written");
  }

  onClosed(error?: SocketError): void {
    this.error = error;
    this.#tell("closed");
    this.#over = true;
  }

  #tell(event: Event): void {
    if (this.#over) this.#breaches.push(`${event} after closed`);
    if (this.#inCall) this.#breaches.push(`${event} inside a call to the stream`);
    this.told[event] += 1;
    this.inside[event]?.();
    const met = this.#watchers.filter((watcher) => watcher.met());
    this.#watchers = this.#watchers.filter((watcher) => !met.includes(watcher));
    for (const { resolve } of met) resolve();
  }

  #call<T>(call: () => T): T {
    this.#inCall = true;
    try {
      return call();
    } finally {
      this.#inCall = false;
    }
  }
}

/** Lets the event loop turn `count` times, so that whatever is ready happens. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
