// The reconnect loop on node:net, through a cutter: what it survives, and what it cannot.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import type { Contender, Heartbeat, OpenContender } from "../../../../src/cli/demo/contender.js";
import { netLoop, netResend } from "../../../../src/cli/demo/contenders/node-net.js";
import { Cutter } from "../../../../src/cli/demo/cutter.js";
import type { Direction } from "../../../../src/cli/demo/tally.js";
import { type CutKind, cutKinds } from "../../../../src/cli/demo/wire.js";
import { AsyncQueue } from "../../../../src/core/async-queue.js";
import { turns } from "../../../support/connected.js";

/** A machine that stalls for longer makes it cut a link that lives: no test may mind. */
const quick: Heartbeat = { pingAfterMs: 10, deadAfterMs: 100 };
const never: Heartbeat = { pingAfterMs: 3_600_000, deadAfterMs: 3_600_000 };

class Scene implements AsyncDisposable {
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

suite("both of them", () => {
  for (const contender of [netLoop, netResend]) {
    test(`${contender.name}: messages pass both ways`, async () => {
      await using scene = await Scene.open(contender, never);
      scene.send("up", "1 one");
      assert.equal(await scene.sees("up", "1 one"), "1 one");
      scene.send("down", "2 two");
      assert.equal(await scene.sees("down", "2 two"), "2 two");
    });

    for (const kind of cutKinds) {
      test(`${contender.name}: is back after ${kind}`, async () => {
        await using scene = await Scene.open(contender);
        await scene.comesBack("up");
        await scene.comesBack("down");
        await scene.cut(kind);
        await scene.cutter?.settled();
        await scene.comesBack("up");
        await scene.comesBack("down");
      });
    }
  }
});

test("without sending again, what was in a link that fell silent is lost", async () => {
  await using scene = await Scene.open(netLoop);
  await scene.comesBack("up");
  await scene.cut("half-open");
  scene.send("up", "in the link");
  await scene.cutter?.settled();
  // What is sent again would come before what is new.
  await scene.comesBack("up");
  assert.ok(!scene.seen.includes("in the link"));
});

test("with it, the same arrives, over the next link", async () => {
  await using scene = await Scene.open(netResend);
  await scene.comesBack("up");
  await scene.cut("half-open");
  scene.send("up", "in the link");
  scene.send("up", "later");
  assert.equal(await scene.sees("up", "in the link", "later"), "in the link");
  assert.equal(await scene.sees("up", "in the link", "later"), "later");
});

test("with it, what was confirmed by nobody arrives twice", async () => {
  await using scene = await Scene.open(netResend, never);
  await scene.comesBack("up");
  scene.send("up", "hello");
  await scene.sees("up", "hello");
  await scene.cut("reset");
  assert.equal(await scene.sees("up", "hello"), "hello");
});
