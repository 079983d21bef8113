// One contender under load in both directions, while its cutter cuts by the schedule.
// Invariant: it ends in bounded time whatever the contender does; what it sent is known, and what came of it.

import { setTimeout as sleep } from "node:timers/promises";

import { type CutKind, chanceOf } from "../../hub.js";
import type { Contender, Heartbeat, OpenContender } from "./contender.js";
import { Cutter } from "./cutter.js";
import { messageOf, seqOf } from "./message.js";
import { plannedCuts } from "./schedule.js";
import type { Standing } from "./scoreboard.js";
import { type Direction, Tally, together } from "./tally.js";

export interface Plan {
  readonly seed: number;
  readonly heartbeat: Heartbeat;
  /** One cut in this time, on average, while there is a link to cut. */
  readonly cutEveryMs: number;
  /** Each way. */
  readonly messagesPerSecond: number;
  /** The faults stop after this time, or after that many cuts. */
  readonly forMs: number;
  readonly cutsMax?: number | undefined;
  /** What is on its way may still arrive for this long, once nothing is cut any more. */
  readonly drainMs: number;
  /** Told of each cut. */
  readonly onCut?: ((contender: string, kind: CutKind) => void) | undefined;
}

/** How often messages are sent, and how often one looks for a link to cut. */
const tickMs = 5;

export class Contest {
  readonly #contender: Contender;
  readonly #plan: Plan;
  readonly #tallies: { readonly [D in Direction]: Tally };
  readonly #over = new AbortController();
  #overAt: number | undefined;
  #cutter: Cutter | undefined;
  #open: OpenContender | undefined;
  #onComplete: (() => void) | undefined;
  #failure: string | undefined;

  /** Use `Contest.open`. */
  private constructor(contender: Contender, plan: Plan) {
    const now = performance.now();
    this.#contender = contender;
    this.#plan = plan;
    this.#tallies = { up: new Tally(now), down: new Tally(now) };
  }

  /** Resolves once both sides are connected, through the cutter. */
  static async open(contender: Contender, plan: Plan): Promise<Contest> {
    const contest = new Contest(contender, plan);
    const { deadAfterMs } = plan.heartbeat;
    try {
      contest.#open = await contender.open({
        heartbeat: plan.heartbeat,
        through: async (server) => {
          contest.#cutter = await Cutter.open(server, { random: chanceOf(plan.seed), deadAfterMs });
          return contest.#cutter.endpoint;
        },
        delivered: (direction, message) => contest.#delivered(direction, message),
      });
    } catch (error) {
      await contest.#cutter?.close();
      throw error;
    }
    return contest;
  }

  /** Both directions together. */
  get standing(): Standing {
    // A silence at the end is no pause: nothing was sent any more.
    const now = this.#overAt ?? performance.now();
    const score = together([this.#tallies.up.score(now), this.#tallies.down.score(now)]);
    const { name, isExact } = this.#contender;
    return { name, isExact, cuts: this.#cuts, score, failure: this.#failure };
  }

  /** Loads and cuts until the plan's end, and then waits for what is still on its way. */
  async run(): Promise<void> {
    const { drainMs, heartbeat } = this.#plan;
    const loads = [this.#load("up"), this.#load("down")];
    await this.#cut();
    this.#overAt = performance.now();
    this.#over.abort();
    await this.#cutter?.settled();
    const complete = new Promise<void>((resolve) => {
      this.#onComplete = resolve;
    });
    const drained = Promise.all([...loads, this.#isComplete || complete]);
    const enough = new AbortController();
    await Promise.race([drained, pause(drainMs, enough.signal)]);
    enough.abort();
    // Nothing is missing, or never comes; but what comes again may still be under way.
    await sleep(heartbeat.deadAfterMs);
  }

  async close(): Promise<void> {
    this.#over.abort();
    await this.#open?.close();
    await this.#cutter?.close();
  }

  get #cuts(): number {
    return this.#cutter?.total ?? 0;
  }

  get #isComplete(): boolean {
    return this.#tallies.up.isComplete && this.#tallies.down.isComplete;
  }

  #delivered(direction: Direction, message: string): void {
    this.#tallies[direction].receive(seqOf(message), performance.now());
    if (this.#onComplete !== undefined && this.#isComplete) this.#onComplete();
  }

  /** As many as are due by now, so that an outage leaves as much to be sent as it would have been without. */
  async #load(direction: Direction): Promise<void> {
    const { messagesPerSecond } = this.#plan;
    const startedAt = performance.now();
    for (let sent = 0; !this.#over.signal.aborted; await pause(tickMs, this.#over.signal)) {
      const due = ((performance.now() - startedAt) * messagesPerSecond) / 1_000;
      for (; sent < due && !this.#over.signal.aborted; sent += 1) {
        const message = messageOf(this.#tallies[direction].send());
        try {
          await this.#open?.send(direction, message);
        } catch (error) {
          // It can send no more, and what was to be sent is lost.
          this.#failure ??= error instanceof Error ? error.message : String(error);
          return;
        }
      }
    }
  }

  async #cut(): Promise<void> {
    const { seed, cutEveryMs, forMs, cutsMax = Number.POSITIVE_INFINITY, onCut } = this.#plan;
    const timeIsUp = AbortSignal.timeout(forMs);
    for (const { afterMs, kind } of plannedCuts(seed, cutEveryMs)) {
      await pause(afterMs, timeIsUp);
      while (this.#cutter?.live === 0 && !timeIsUp.aborted) await pause(tickMs, timeIsUp);
      if (timeIsUp.aborted) return;
      this.#cutter?.cut(kind);
      onCut?.(this.#contender.name, kind);
      if (this.#cuts >= cutsMax) return;
    }
  }
}

/** Until then, or until the signal. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal }).catch(() => {});
}
