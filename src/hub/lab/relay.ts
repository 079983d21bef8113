// A relay on the loopback that a learner breaks: whatever goes through it can be silenced, reset or closed.
// Invariant: links that come after a cut are carried as if nothing had been.

import { connect } from "../../connection/connect.js";
import { serve } from "../../connection/serve.js";
import type { CutWay } from "./messages.js";
import type { Run } from "./run.js";
import { Wire } from "./wire.js";

export class Relay {
  readonly endpoint: string;
  readonly #wires: Set<Wire>;

  private constructor(endpoint: string, wires: Set<Wire>) {
    this.endpoint = endpoint;
    this.#wires = wires;
  }

  /** Listens on a port of the loopback, until the run ends; each connection there is carried to `target`. */
  static async open(run: Run<"cut">, target: string): Promise<Relay> {
    const wires = new Set<Wire>();
    const server = await serve(
      "tcp://127.0.0.1:0",
      async (near) => {
        const wire = new Wire(near, await connect(target, { signal: run.signal }));
        wires.add(wire);
        await wire.gone;
        wires.delete(wire);
      },
      // A target that refuses is refused to the dialler, which is all there is to tell.
      { onError: () => {} },
    );
    run.keep(async () => {
      for (const wire of wires) wire.reset();
      await server.drain({ deadlineMs: 0 });
    });
    return new Relay(server.endpoint, wires);
  }

  /** From now on nothing passes, either way, and nobody is told. */
  silence(): void {
    for (const wire of this.#wires) wire.hold();
  }

  /** The silent links fail, with what they held. Returns how many bytes that was. */
  cut(how: CutWay): number {
    let bytes = 0;
    for (const wire of this.#wires) {
      bytes += wire.heldBytes;
      if (how === "reset") wire.reset();
      else if (how === "close") wire.close();
    }
    return bytes;
  }
}
