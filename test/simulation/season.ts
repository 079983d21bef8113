// The two halves of a world: a storm, in which everybody does what it likes, and a calm, in which all comes to rest.
// Invariant: once it is calm nobody waits for anything but the network.

import type { Random, Timer } from "../../src/core/clock.js";
import type { World } from "../../src/testing/simulate.js";

export class Season {
  readonly world: World;
  readonly random: Random;
  isStorm = true;
  readonly #pauses = new Map<() => void, Timer>();

  constructor(world: World) {
    this.world = world;
    this.random = world.random;
  }

  chance(of: number): boolean {
    return this.random() < of;
  }

  /** A while of this mean length, or until it is calm. */
  pause(meanMs: number): Promise<void> {
    if (!this.isStorm) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        this.#pauses.delete(done);
        resolve();
      };
      this.#pauses.set(done, this.world.clock.setTimer(done, -Math.log(1 - this.random()) * meanMs));
    });
  }

  calm(): void {
    this.isStorm = false;
    for (const [done, timer] of this.#pauses) {
      this.world.clock.clearTimer(timer);
      done();
    }
  }

  /** Looks every half second whether it is so; rejects after `withinMs`, and says what is not. */
  async until(what: string, withinMs: number, missing: () => string | undefined): Promise<void> {
    const untilMs = this.world.now() + withinMs;
    for (let left = missing(); left !== undefined; left = missing()) {
      if (this.world.now() >= untilMs) throw new Error(`${what}: not within ${withinMs} ms of calm: ${left}`);
      await this.world.sleep(500);
    }
  }
}
