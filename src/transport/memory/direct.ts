// The medium of `memory:`: a chunk is handed to the other end as it is, without a copy and without faults.
// Invariant: between two ends nothing is stored but the one chunk under way in each direction, which is the writer's
// own memory; so a reader that pauses stops its writer at once.

import { type Defer, joined, type Medium, Wire } from "./medium.js";
import { MemoryStream, resetByPeer } from "./stream.js";

/** All that travels is a task for `defer`. */
export function direct(defer: Defer): Medium {
  return {
    dial: (_name, arrive) => defer(() => arrive(false)),
    answer: (_name, arrive) => arrive(),
    join(_name, dialer, accepted) {
      const [there, back] = [new HandOver(), new HandOver()];
      const pair = {
        dialer: new MemoryStream(dialer, defer, there, back),
        accepted: new MemoryStream(accepted, defer, back, there),
      };
      return joined(pair, there, back);
    },
  };
}

class HandOver extends Wire {
  write(chunk: Uint8Array): void {
    this.to.arrive(chunk);
    this.to.wake();
  }

  end(): void {
    this.to.arriveEnd();
    this.to.wake();
  }

  reset(): void {
    this.to.fail(resetByPeer(this.to.local));
  }

  drop(): void {}

  free(): void {
    this.to.keep();
  }

  consumed(): void {
    this.from.written();
    this.from.wake();
  }
}
