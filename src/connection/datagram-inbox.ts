// Datagrams between the kernel, which never waits, and one reader, who may.
// Invariant: at most so many wait, and so many bytes of them; a failure waits beside them once, not once each time.

import { AsyncQueue } from "../core/async-queue.js";
import type { Clock } from "../core/clock.js";
import { type SocketError, TimeoutError } from "../core/errors.js";
import type { ReceiveOptions } from "./inbox.js";

/** One message and the endpoint it came from, which `send` takes as it is. */
export interface Datagram<Message = Uint8Array> {
  readonly data: Message;
  readonly from: string;
}

export interface DatagramBounds {
  readonly datagramsQueuedMax: number;
  readonly datagramQueueBytes: number;
}

/** What waits: a datagram with its size on the wire, or the mark of where a failure came between two of them. */
type Arrival<Message> = { readonly datagram: Datagram<Message>; readonly bytes: number } | "failure";

export class DatagramInbox<Message> {
  readonly #bounds: DatagramBounds;
  readonly #clock: Clock;
  /** For errors. */
  readonly #endpoint: string;
  readonly #arrivals: AsyncQueue<Arrival<Message>> = new AsyncQueue();
  #bytes = 0;
  #failure: SocketError | undefined;
  #marked = false;

  constructor(bounds: DatagramBounds, clock: Clock, endpoint: string) {
    this.#bounds = bounds;
    this.#clock = clock;
    this.#endpoint = endpoint;
  }

  /** Whether a datagram of so many bytes may wait. One alone always may. */
  hasRoom(bytes: number): boolean {
    const { datagramsQueuedMax, datagramQueueBytes } = this.#bounds;
    const { size } = this.#arrivals;
    return size === 0 || (size < datagramsQueuedMax && this.#bytes + bytes <= datagramQueueBytes);
  }

  push(datagram: Datagram<Message>, bytes: number): void {
    this.#bytes += bytes;
    this.#arrivals.push({ datagram, bytes });
  }

  /** The next `receive`, or the next `takeFailure`, gets `error`; only the newest is kept. */
  fail(error: SocketError): void {
    this.#failure = error;
    if (this.#marked) return;
    this.#marked = true;
    this.#arrivals.push("failure");
  }

  takeFailure(): SocketError | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  async receive(options: ReceiveOptions = {}): Promise<Datagram<Message> | undefined> {
    options.signal?.throwIfAborted();
    for (;;) {
      const arrival = this.#arrivals.poll() ?? (await this.#wait(options));
      if (arrival === undefined) return undefined;
      if (arrival !== "failure") {
        this.#bytes -= arrival.bytes;
        return arrival.datagram;
      }
      this.#marked = false;
      // A send may have been told of it meanwhile.
      const failure = this.takeFailure();
      if (failure !== undefined) throw failure;
    }
  }

  /** What waits is still read. */
  end(): void {
    this.#arrivals.end();
  }

  async #wait({ signal, timeoutMs }: ReceiveOptions): Promise<Arrival<Message> | undefined> {
    if (timeoutMs === undefined) return this.#arrivals.take({ signal });
    const context = { op: "receive", endpoint: this.#endpoint };
    const late = new AbortController();
    const timer = this.#clock.setTimer(
      () => late.abort(new TimeoutError(timeoutMs, `nothing came within ${timeoutMs} ms`, context)),
      timeoutMs,
    );
    try {
      // The queue itself gives the wait up, so that no datagram is taken for a reader who has left.
      const stop = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
      return await this.#arrivals.take({ signal: stop });
    } finally {
      this.#clock.clearTimer(timer);
    }
  }
}
