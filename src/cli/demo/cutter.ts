// A relay that cuts: real TCP connections on the loopback, and real resets, ends and silences.
// Invariant: whoever dials through it has a link of its own, and how the nth cut is made depends on chance alone, never
// on the bytes.

import { type CutKind, cutKinds, Wire } from "../../hub.js";
import {
  type Clock,
  connect,
  type Random,
  type Server,
  serve,
  systemClock,
  type Timer,
} from "../../index.js";

export interface CutterOptions {
  /** For the details of a cut: where a message is torn, how long a link is held. */
  readonly random: Random;
  /** When the two ends take a silent link for dead, in milliseconds: a held one lasts longer. */
  readonly deadAfterMs: number;
  readonly clock?: Clock | undefined;
}

/** A tear that no chunk comes for is a close without one. */
const tearWithinMs = 20;

export class Cutter implements AsyncDisposable {
  readonly #options: CutterOptions;
  readonly #clock: Clock;
  readonly #wires = new Set<Wire>();
  readonly #timers = new Set<Timer>();
  readonly #counts = new Map<CutKind, number>(cutKinds.map((kind) => [kind, 0]));
  #server: Server | undefined;
  #onIdle: (() => void) | undefined;

  /** Use `Cutter.open`. */
  private constructor(options: CutterOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Listens on a port of the loopback; each connection there is carried to `target`. */
  static async open(target: string, options: CutterOptions): Promise<Cutter> {
    const cutter = new Cutter(options);
    cutter.#server = await serve(
      "tcp://127.0.0.1:0",
      async (near) => {
        const wire = new Wire(near, await connect(target));
        cutter.#wires.add(wire);
        await wire.gone;
        cutter.#wires.delete(wire);
      },
      // A target that refuses is refused to the dialler, which is all there is to tell.
      { onError: () => {} },
    );
    return cutter;
  }

  /** Where to dial. */
  get endpoint(): string {
    return this.#server?.endpoint ?? "";
  }

  /** Links that carry. */
  get live(): number {
    return [...this.#wires].filter(({ isCarrying }) => isCarrying).length;
  }

  /** Links that were cut, by kind. */
  get counts(): { readonly [Kind in CutKind]: number } {
    return Object.fromEntries(this.#counts) as { [Kind in CutKind]: number };
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Cuts each link that carries. Returns how many. */
  cut(kind: CutKind): number {
    const wires = [...this.#wires].filter(({ isCarrying }) => isCarrying);
    for (const wire of wires) this.#cut(wire, kind);
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + wires.length);
    return wires.length;
  }

  /** Resolves once no cut is still under way: every held link has healed or gone. */
  async settled(): Promise<void> {
    while (this.#timers.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
  }

  /** Every link is reset, and the port is free again. */
  async close(): Promise<void> {
    for (const timer of this.#timers) this.#clock.clearTimer(timer);
    this.#timers.clear();
    this.#onIdle?.();
    for (const wire of this.#wires) wire.reset();
    await this.#server?.drain({ deadlineMs: 0 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #cut(wire: Wire, kind: CutKind): void {
    const { random, deadAfterMs } = this.#options;
    const chance = random();
    const ways: { readonly [Kind in CutKind]: () => void } = {
      reset: () => wire.reset(),
      close: () => {
        wire.tearNext(chance);
        this.#later(tearWithinMs, () => wire.close());
      },
      "half-open": () => {
        wire.hold();
        this.#later(deadAfterMs * (1 + chance), () => wire.reset());
      },
      // The way to the client fails first, so that it gives up, and the server has no reason to yet.
      zombie: () => {
        wire.hold("down");
        this.#later(deadAfterMs / 2, () => wire.hold());
        this.#later(deadAfterMs * (1.1 + chance / 3), () => wire.heal());
        this.#later(deadAfterMs * 2, () => wire.reset());
      },
    };
    ways[kind]();
  }

  #later(afterMs: number, what: () => void): void {
    const timer = this.#clock.setTimer(() => {
      this.#timers.delete(timer);
      what();
      if (this.#timers.size === 0) this.#onIdle?.();
    }, afterMs);
    this.#timers.add(timer);
  }
}
