// The lab's way to the hub: each run of an experiment is a stream, and what its sockets did comes back as events.
// Invariant: the hub lets a page run one at a time, and ends it when another is started: here only the newest is heard.

import type { LabEvent, LabName, LabOrders } from "../../hub.js";
import type { HubLink, HubStream } from "../link/hub-link.js";
import { problemOf } from "../parts/problem.js";
import { Store } from "../parts/store.js";

export interface LabRun<Name extends LabName> {
  /** Oldest first. */
  readonly events: readonly LabEvent<Name>[];
  readonly isRunning: boolean;
  /** What it was started with; undefined before the first run. */
  readonly order: LabOrders[Name] | undefined;
  /** Why it could not run. */
  readonly problem: string | undefined;
}

/** A stop for a hub that never stops telling. */
const eventsMax = 5_000;

export class Experimenter<Name extends LabName> {
  readonly run: Store<LabRun<Name>> = new Store<LabRun<Name>>({
    events: [],
    isRunning: false,
    order: undefined,
    problem: undefined,
  });
  readonly #name: Name;
  readonly #link: HubLink;
  #stream: HubStream | undefined;
  #runs = 0;

  constructor(name: Name, link: HubLink) {
    this.#name = name;
    this.#link = link;
  }

  start(order: LabOrders[Name]): void {
    this.#runs += 1;
    this.#stream = undefined;
    this.run.set({ events: [], isRunning: true, order, problem: undefined });
    void this.#follow(order, this.#runs);
  }

  /** A step by hand, while it runs. */
  step(step: unknown): void {
    this.#stream?.send(step).catch(() => {});
  }

  async #follow(order: LabOrders[Name], run: number): Promise<void> {
    const session = this.#link.session.value;
    if (session === undefined) return this.#stop(run, "there is no link to the hub just now");
    try {
      const stream = await session.open(`lab.${this.#name}`, { message: order });
      if (run === this.#runs) this.#stream = stream;
      for await (const event of stream) {
        if (run !== this.#runs) return;
        this.run.change((now) => ({
          ...now,
          events: [...now.events, event as LabEvent<Name>].slice(-eventsMax),
        }));
      }
      this.#stop(run, undefined);
    } catch (error) {
      this.#stop(run, problemOf(error));
    }
  }

  #stop(run: number, problem: string | undefined): void {
    if (run !== this.#runs) return;
    this.#stream = undefined;
    this.run.change((now) => ({ ...now, isRunning: false, problem }));
  }
}

export interface LabFeed {
  readonly bytes: Experimenter<"bytes">;
  readonly life: Experimenter<"life">;
  readonly cut: Experimenter<"cut">;
  readonly kinds: Experimenter<"kinds">;
}

export function openLab(link: HubLink): LabFeed {
  return {
    bytes: new Experimenter("bytes", link),
    life: new Experimenter("life", link),
    cut: new Experimenter("cut", link),
    kinds: new Experimenter("kinds", link),
  };
}
