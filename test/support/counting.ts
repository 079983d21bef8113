// A session's end that sends numbered messages and counts those that come, while its links are cut in every way.

import type { Session } from "../../src/session/session.js";
import type { Relay } from "./relay.js";

/** Half-open links are noticed soon, so that many fit in a test. */
export const hasty = { pingAfterMs: 150, deadAfterMs: 600 };

export class Counting {
  readonly session: Session<number>;
  sent = 0;
  received = 0;
  /** Messages that were not the next one. */
  readonly wrong: string[] = [];
  readonly #talking: Promise<unknown>;
  #isOver = false;

  constructor(session: Session<number>) {
    this.session = session;
    this.#talking = Promise.all([this.#listen(), this.#talk()]);
  }

  /** Says its last word, and hears the other's. */
  async finish(): Promise<void> {
    this.#isOver = true;
    await this.#talking;
    await this.session.flush();
  }

  /** Ends at a number below zero, which is the other's last word. */
  async #listen(): Promise<void> {
    for await (const number of this.session) {
      if (number < 0) return;
      if (number !== this.received) this.wrong.push(`${number} instead of ${this.received}`);
      this.received += 1;
    }
  }

  async #talk(): Promise<void> {
    while (!this.#isOver) {
      for (let few = 0; few < 3; few += 1, this.sent += 1) await this.session.send(this.sent);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await this.session.send(-1);
  }
}

/** Cuts the links of a session so often, each once the server has the next: by resets, at either end, and by silence. */
export async function cutOften(
  count: number,
  relay: Relay,
  served: Session<number>,
  cutClient: () => Promise<void> | void,
): Promise<void> {
  const ways = [() => relay.cut(), () => served.cutLink(), cutClient];
  for (let cut = 1; cut <= count; cut += 1) {
    const { links } = served.stats;
    if (cut % 10 === 0) relay.silence();
    else await ways[cut % ways.length]?.();
    for await (const { name } of served.states()) if (name === "open" && served.stats.links > links) break;
  }
}
