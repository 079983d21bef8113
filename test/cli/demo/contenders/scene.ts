// A contender and its cutter, as the tests of contenders play them.

import assert from "node:assert/strict";

import type { Contender, Heartbeat, OpenContender } from "../../../../src/cli/demo/contender.js";
import { Cutter } from "../../../../src/cli/demo/cutter.js";
import type { Direction } from "../../../../src/cli/demo/tally.js";
import { AsyncQueue } from "../../../../src/core/async-queue.js";
import type { CutKind } from "../../../../src/hub/lab/wire.js";
import { turns } from "../../../support/connected.js";

/** A machine that stalls for longer makes it cut a link that lives: no test may mind. */
const quick: Heartbeat = { pingAfterMs: 10, deadAfterMs: 100 };
export const never: Heartbeat = { pingAfterMs: 1_800_000, deadAfterMs: 3_600_000 };

export class Scene implements AsyncDisposable {
  cutter: Cutter | undefined;
  contender: OpenContender | undefined;
  readonly seen: string[] = [];
  readonly #arrived = { up: new AsyncQueue<string>(), down: new AsyncQueue<string>() };

  static async open(contender: Contender, heartbeat = quick): Promise<Scene> {
    const scene = new Scene();
    scene.contender = await contender.open({
      heartbeat,
      through: async (server) => {
        scene.cutter = await Cutter.open(server, { random: () => 0.5, deadAfterMs: heartbeat.deadAfterMs });
        return scene.cutter.endpoint;
      },
      delivered: (direction, message) => {
        scene.seen.push(message);
        scene.#arrived[direction].push(message);
      },
    });
    return scene;
  }

  send(direction: Direction, message: string): void {
    void this.contender?.send(direction, message);
  }

  /** The next message that is one of `wanted`. */
  async sees(direction: Direction, ...wanted: readonly string[]): Promise<string> {
    for (;;) {
      const message = await this.#arrived[direction].take();
      assert.ok(message !== undefined);
      if (wanted.includes(message)) return message;
    }
  }

  /** Sends new messages until one arrives: the link is there again. */
  async comesBack(direction: Direction): Promise<void> {
    for (let probe = 0; ; probe += 1) {
      this.send(direction, `probe ${probe}`);
      const arrived = this.#arrived[direction].take({ signal: AbortSignal.timeout(10) });
      if (await arrived.catch(() => undefined)) return;
    }
  }

  /** Cuts, as soon as there is a link. */
  async cut(kind: CutKind): Promise<void> {
    while (this.cutter?.cut(kind) === 0) await turns();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.contender?.close();
    await this.cutter?.close();
  }
}
