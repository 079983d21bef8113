// One direction of a cable: the sender's kernel, the cable, the receiver's kernel.
// Invariant: bytes arrive in order and unchanged, and all that can be lost is a last part; the sender's memory is read
// only when its kernel takes it, and not any more once `onWritten` or `onClosed` was told.

import type { Timer } from "../../core/clock.js";
import { kernelMs, latency, type Surroundings, segmentBytes } from "./conditions.js";
import { Fifo } from "./fifo.js";
import { Wire } from "./medium.js";
import { resetByPeer } from "./stream.js";

/** What the trace calls what happens. */
export const happened = {
  taken: 1,
  arrived: 2,
  ended: 3,
  reset: 4,
  fault: 5,
  dialled: 6,
  answered: 7,
} as const;

interface LaneOwner {
  readonly id: number;
  /** An end may have gone. */
  settle(): void;
}

interface Flying {
  readonly at: number;
  readonly what: Uint8Array | "end" | "reset";
}

export class Lane extends Wire {
  readonly #around: Surroundings;
  readonly #cable: LaneOwner;
  /** What of the write under way is still in the sender's own memory only. */
  #writing: Uint8Array | undefined;
  /** Taken, and not on the cable yet. */
  readonly #queue: Fifo<Uint8Array> = new Fifo();
  #queueBytes = 0;
  /** On the cable, in order. */
  readonly #flight: Fifo<Flying> = new Fifo();
  /** Arrived; the first is with the receiver. */
  readonly #arrived: Fifo<Uint8Array> = new Fifo();
  /** In `#flight` and in `#arrived`. */
  #windowBytes = 0;
  #lineFreeAt = 0;
  #lastAt = 0;
  #ending: "no" | "asked" | "sent" = "no";
  /** The sender has aborted, and its kernel is still at work on the write. */
  #resetting = false;
  #resetUnderWay = false;
  #held = false;
  /** Something on the way ended this direction: whoever still writes is told so by a reset. */
  #severed = false;
  #taking: Timer | undefined;
  #landing: Timer | undefined;

  constructor(around: Surroundings, cable: LaneOwner) {
    super();
    this.#around = around;
    this.#cable = cable;
  }

  // What the sender says.

  write(chunk: Uint8Array): void {
    this.#writing = chunk;
    this.#takeSoon();
  }

  end(): void {
    if (this.#ending === "no") this.#ending = "asked";
    this.#transmit();
  }

  reset(): void {
    // The kernel may be at work on the write still: then it is given up only when the sender is told of its end.
    const mayBeTaken = this.#writing !== undefined && this.#around.random() < 0.5;
    if (mayBeTaken) this.#resetting = true;
    else {
      this.drop();
      this.#sendReset();
    }
  }

  drop(): void {
    this.#stopTaking();
    this.#queue.clear();
    this.#queueBytes = 0;
    this.#ending = "sent";
    this.#cable.settle();
  }

  free(): void {
    if (this.#resetting) {
      this.#take();
      this.drop();
      this.#resetting = false;
      this.#sendReset();
    }
    // What was not taken is the sender's again; an end that was asked for comes early then, as with any kernel.
    this.#stopTaking();
    this.#transmit();
    this.#cable.settle();
  }

  consumed(): void {
    const chunk = this.#arrived.shift();
    if (chunk === undefined) return;
    this.#windowBytes -= chunk.length;
    // Whoever kept a view of it sees that views are valid during the call only.
    chunk.fill(0xa5);
    const next = this.#arrived.first;
    if (next !== undefined) this.to.arrive(next);
    this.#transmit();
  }

  // What happens to the cable.

  hold(): void {
    this.#held = true;
    this.#stopLanding();
  }

  heal(): void {
    this.#held = false;
    this.#land();
  }

  /** The receiver sees an end behind what is under way, wherever in a message that is. */
  sever(): void {
    if (this.#severed) return;
    this.#severed = true;
    this.#queue.clear();
    this.#queueBytes = 0;
    if (this.#ending !== "sent") this.#send("end");
    this.#ending = "sent";
    this.#takeSoon();
  }

  /** Nothing of it arrives any more. */
  clear(): void {
    this.#stopTaking();
    this.#stopLanding();
    this.#queue.clear();
    this.#flight.clear();
    this.#arrived.clear();
    this.#ending = "sent";
  }

  /** Puts a reset behind all that is on the cable; one that is held may be lost, and is not said again by itself. */
  #sendReset(): void {
    if (this.#resetUnderWay || (this.#held && this.#around.random() < 0.5)) return;
    this.#resetUnderWay = true;
    this.#send("reset");
  }

  #takeSoon(): void {
    if (this.#writing === undefined || this.#taking !== undefined) return;
    const { sendBufferBytes } = this.#around;
    if (!isRoomy(sendBufferBytes - this.#queueBytes, this.#writing.length, sendBufferBytes)) return;
    this.#taking = this.#around.clock.setTimer(this.#onTake, kernelMs(this.#around));
  }

  readonly #onTake = (): void => {
    this.#taking = undefined;
    if (this.#severed) {
      this.from.fail(resetByPeer(this.from.local));
    } else {
      this.#take();
      if (this.#writing === undefined) this.from.written();
      else this.#takeSoon();
    }
    this.from.turn();
  };

  /** Copies out of the sender's memory as much as there is room for. */
  #take(): void {
    const writing = this.#writing;
    if (writing === undefined) return;
    // A `slice` would be no copy if the memory is a Buffer.
    const taken = new Uint8Array(writing.subarray(0, this.#around.sendBufferBytes - this.#queueBytes));
    this.#writing = taken.length === writing.length ? undefined : writing.subarray(taken.length);
    if (taken.length === 0) return;
    this.#around.note(happened.taken, this.#cable.id, taken.length);
    this.#queue.push(taken);
    this.#queueBytes += taken.length;
    this.#transmit();
  }

  /** Puts on the cable what the receiver has room for. */
  #transmit(): void {
    const { receiveBufferBytes } = this.#around;
    for (let chunk = this.#queue.first; chunk !== undefined; chunk = this.#queue.first) {
      for (let sent = 0; sent < chunk.length; ) {
        const room = receiveBufferBytes - this.#windowBytes;
        if (!isRoomy(room, chunk.length - sent, receiveBufferBytes)) {
          this.#queue.replaceFirst(chunk.subarray(sent));
          this.#takeSoon();
          return;
        }
        const size = segmentBytes(this.#around, Math.min(room, chunk.length - sent));
        this.#send(chunk.subarray(sent, sent + size));
        sent += size;
        this.#queueBytes -= size;
      }
      this.#queue.shift();
    }
    this.#takeSoon();
    if (this.#ending === "asked" && this.#writing === undefined) {
      this.#ending = "sent";
      this.#send("end");
    }
  }

  #send(what: Flying["what"]): void {
    const { clock, bytesPerMs } = this.#around;
    const size = typeof what === "string" ? 0 : what.length;
    this.#windowBytes += size;
    this.#lineFreeAt = Math.max(clock.now(), this.#lineFreeAt) + size / bytesPerMs;
    this.#lastAt = Math.max(this.#lastAt, this.#lineFreeAt + latency(this.#around));
    this.#flight.push({ at: this.#lastAt, what });
    this.#land();
  }

  /** One timer, for whatever arrives next. */
  #land(): void {
    const next = this.#flight.first;
    if (next === undefined || this.#held || this.#landing !== undefined) return;
    const { clock } = this.#around;
    this.#landing = clock.setTimer(this.#onLanding, Math.max(0, next.at - clock.now()));
  }

  readonly #onLanding = (): void => {
    this.#landing = undefined;
    const next = this.#flight.shift();
    if (next === undefined) return;
    this.#land();
    const { what } = next;
    if (what === "end") {
      this.#around.note(happened.ended, this.#cable.id, 0);
      this.to.arriveEnd();
    } else if (what === "reset") {
      this.#resetUnderWay = false;
      this.#around.note(happened.reset, this.#cable.id, 0);
      this.to.fail(resetByPeer(this.to.local));
    } else {
      this.#around.note(happened.arrived, this.#cable.id, what.length);
      this.#arrive(what);
    }
    this.to.turn();
  };

  #arrive(chunk: Uint8Array): void {
    // Nobody is there to read it: `arrive` answers with a reset.
    if (this.to.gone) {
      this.#windowBytes -= chunk.length;
      this.to.arrive(chunk);
      return;
    }
    this.#arrived.push(chunk);
    if (this.#arrived.size === 1) this.to.arrive(chunk);
  }

  #stopTaking(): void {
    if (this.#taking !== undefined) this.#around.clock.clearTimer(this.#taking);
    this.#taking = undefined;
    this.#writing = undefined;
  }

  #stopLanding(): void {
    if (this.#landing !== undefined) this.#around.clock.clearTimer(this.#landing);
    this.#landing = undefined;
  }
}

/** Not for a byte here and there: else pieces only ever get smaller (the silly windows of RFC 1122 section 4.2.3.4). */
function isRoomy(room: number, wanted: number, ofBytes: number): boolean {
  return room >= Math.min(wanted, Math.ceil(ofBytes / 2));
}
