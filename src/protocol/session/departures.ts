// How one side gives a stream up: by ABORT, or, where the peer has not heard of it, without a word.
// Invariant: a stream that was never opened leaves nothing behind, neither an id nor a place.

import type { Closing } from "./closing.js";
import type { MachineSink } from "./contract.js";
import type { Dues } from "./dues.js";
import type { Flow, Words } from "./flow.js";
import { headerBytes, readUint24 } from "./frames.js";
import type { Inbound } from "./inbound.js";
import { isOpen, type Outgoing } from "./outgoing.js";
import type { Streams } from "./streams.js";
import type { WaitingSend } from "./waiting.js";

interface DeparturesParts {
  readonly streams: Streams;
  readonly outgoing: Outgoing;
  readonly inbound: Inbound;
  readonly closing: Closing;
  readonly dues: Dues;
  readonly sink: MachineSink;
}

export class Departures {
  readonly #parts: DeparturesParts;

  constructor(parts: DeparturesParts) {
    this.#parts = parts;
  }

  /** Ends both directions of a stream now; what waits fails with `error`. */
  abort(flow: Flow, words: Words, error: Error): void {
    const { outgoing, inbound, dues, closing } = this.#parts;
    outgoing.fail(flow, error);
    if (!flow.isOpened) {
      this.#release(flow);
      return;
    }
    inbound.discard(flow);
    dues.forgetCredit(flow);
    const isInUse = flow.receiving === "open" || flow.sending === "open";
    if (isInUse && !closing.isSaid) outgoing.sayAbort(flow, words);
  }

  /** False if it was taken, or has failed, already. Without its OPEN a stream is none. */
  cancel(send: WaitingSend): boolean {
    const isCancelled = this.#parts.outgoing.cancel(send);
    if (isCancelled && isOpen(send)) this.#release(send.flow);
    return isCancelled;
  }

  /** Nobody will read it: what is here and what comes is dropped, and the peer may go on. */
  discard(flow: Flow, now: number): void {
    const { inbound, closing, dues } = this.#parts;
    // A session that closes says what nobody has read.
    while (flow.readableBytes > 0 && !closing.isAsked) {
      const length = readUint24(flow.input.peek(), 0);
      flow.input.skip(headerBytes + length);
      flow.take(length);
    }
    inbound.discard(flow);
    if (flow.receiving === "open" && flow.owedBytes > 0) dues.credit(flow, now);
  }

  /** A stream that the peer has never heard of. */
  #release(flow: Flow): void {
    const { streams, sink } = this.#parts;
    streams.release(flow);
    sink.onProgress();
  }
}
