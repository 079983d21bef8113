// Sends that the kernel has not taken yet: how many there may be, and waiting until there are none.
// Invariant: what is under way stays within its bounds, except that one datagram alone always may be.

import type { Clock } from "../core/clock.js";
import { LimitError } from "../core/errors.js";
import type { DatagramBounds } from "./datagram-inbox.js";

export class Departures {
  readonly #bounds: DatagramBounds;
  #datagrams = 0;
  #bytes = 0;
  #onNone: () => void = () => {};

  constructor(bounds: DatagramBounds) {
    this.#bounds = bounds;
  }

  /** @throws LimitError if too much is under way already. */
  begin(bytes: number, endpoint: string): void {
    const { datagramsQueuedMax, datagramQueueBytes } = this.#bounds;
    const context = { op: "send", endpoint, advice: "await the sends" };
    if (this.#datagrams >= datagramsQueuedMax) {
      throw new LimitError("datagramsQueuedMax", this.#datagrams + 1, datagramsQueuedMax, context);
    }
    if (this.#datagrams > 0 && this.#bytes + bytes > datagramQueueBytes) {
      throw new LimitError("datagramQueueBytes", this.#bytes + bytes, datagramQueueBytes, context);
    }
    this.#datagrams += 1;
    this.#bytes += bytes;
  }

  /** Taken by the kernel, or given up. */
  end(bytes: number): void {
    this.#datagrams -= 1;
    this.#bytes -= bytes;
    if (this.#datagrams === 0) this.#onNone();
  }

  /** Resolves once nothing is under way, or after `lingerMs`. */
  async none(clock: Clock, lingerMs: number): Promise<void> {
    if (this.#datagrams === 0) return;
    await new Promise<void>((resolve) => {
      const timer = clock.setTimer(resolve, lingerMs);
      this.#onNone = () => {
        clock.clearTimer(timer);
        resolve();
      };
    });
  }
}
