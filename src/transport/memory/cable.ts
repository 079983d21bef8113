// One cable of a simulated network, between the two ends of one stream, and all that can happen to it.
// Invariant: it stays in its network's list until both ends have gone; a fault never calls anybody back at once.

import { DisconnectedError } from "../../core/errors.js";
import { kernelMs, type Surroundings } from "./conditions.js";
import { happened, Lane } from "./lane.js";
import { joined, type MemoryEnd, type MemoryPair } from "./medium.js";
import { MemoryStream, resetByPeer } from "./stream.js";

/** One end of a cable: the one that dialled, or the one that was accepted. */
export type CableEnd = "dialer" | "accepted";

export class Cable {
  /** Counted from 1, in the order in which they were joined. */
  readonly id: number;
  /** The endpoint that was dialled. */
  readonly endpoint: string;
  /** Not for users: what the network joined. */
  readonly pair: MemoryPair;
  readonly #around: Surroundings;
  readonly #lanes: { readonly [from in CableEnd]: Lane };
  readonly #onGone: (cable: Cable) => void;
  #gone = false;

  /** Not for users: a network makes its cables. */
  constructor(
    id: number,
    around: Surroundings,
    dialer: MemoryEnd,
    accepted: MemoryEnd,
    onGone: (cable: Cable) => void,
  ) {
    this.id = id;
    this.endpoint = dialer.remote;
    this.#around = around;
    this.#onGone = onGone;
    const [there, back] = [new Lane(around, this), new Lane(around, this)];
    this.#lanes = { dialer: there, accepted: back };
    const defer = (task: () => void) => void around.clock.setTimer(task, kernelMs(around));
    const pair = {
      dialer: new MemoryStream(dialer, defer, there, back),
      accepted: new MemoryStream(accepted, defer, back, there),
    };
    this.pair = joined(pair, there, back);
  }

  /** Both ends have gone: nothing that happens to it matters any more. */
  get gone(): boolean {
    return this.#gone;
  }

  /**
   * From now on nothing gets through of what this end sends, and by default of what either sends. Nobody is told, and
   * nothing is lost: it is held until `heal`, as far as the kernels' buffers go.
   */
  hold(from?: CableEnd): void {
    for (const end of ends(from)) this.#fault(1, end).hold();
  }

  /** What was held goes on its way, also to an end whose peer has gone or been replaced long ago. */
  heal(from?: CableEnd): void {
    for (const end of ends(from)) this.#fault(2, end).heal();
  }

  /** Something on the way resets both ends. What is under way is lost. */
  reset(): void {
    for (const end of ends()) {
      this.#fault(3, end).clear();
      this.pair[end].fail(resetByPeer(this.pair[end].local));
    }
  }

  /**
   * Something on the way ends what this end sends, in the middle of whatever it sends: the other end sees all that is
   * on the cable and then a clean end. Who still writes is answered by a reset. By default both ways.
   */
  end(from?: CableEnd): void {
    for (const end of ends(from)) this.#fault(4, end).sever();
  }

  /** This end breaks, and the other hears of it by a reset: after `heal`, if the cable is held, or never. */
  kill(end: CableEnd): void {
    const lane = this.#fault(5, end);
    const { local: endpoint } = this.pair[end];
    this.pair[end].fail(new DisconnectedError("ERR_CONNECTION_LOST", "the connection is gone", { endpoint }));
    lane.reset();
  }

  /** Not for users: a lane says that something may be over. */
  settle(): void {
    const { dialer, accepted } = this.pair;
    if (this.#gone || !dialer.gone || !accepted.gone) return;
    this.#gone = true;
    for (const end of ends()) this.#lanes[end].clear();
    this.#onGone(this);
  }

  #fault(what: number, from: CableEnd): Lane {
    this.#around.note(happened.fault, this.id, from === "dialer" ? what : -what);
    return this.#lanes[from];
  }
}

function ends(only?: CableEnd): readonly CableEnd[] {
  return only === undefined ? ["dialer", "accepted"] : [only];
}
