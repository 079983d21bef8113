// What becomes of a chat's link, in words for the person who chats.
// Invariant: whatever broke is told once it is back, with how long that took; what came meanwhile is counted.

import { type Clock, type LifecycleEvent, type Session, systemClock, type Timer } from "../../index.js";
import { formatMs } from "../report/units.js";

/** How long after a link is back what waited for it is still on its way. */
const arrivingMs = 50;

export class Interruptions {
  readonly #note: (text: string) => void;
  readonly #clock: Clock;
  #isOwn = false;
  #brokeAt = 0;
  /** That it is back, not told yet; the timer tells it. */
  #back: { readonly downMs: number; readonly timer: Timer } | undefined;
  #messages = 0;

  /** @param note Shows a line about the link. */
  constructor(note: (text: string) => void, clock: Clock = systemClock) {
    this.#note = note;
    this.#clock = clock;
  }

  /** The observer of the session that is opened. */
  readonly observer = ({ kind, name, reason }: LifecycleEvent): void => {
    if (kind !== "session") return;
    if (name === "resuming") this.#broken(reason);
    else if (name === "resumed") this.#resumed();
    else if (name === "closed") this.#tellBack();
  };

  /** Somebody said something. */
  heard(): void {
    this.#messages += 1;
  }

  /** Cuts the link, as a broken cable would. */
  cut(session: Pick<Session, "cutLink" | "state">): void {
    if (session.state.name === "resuming") this.#note("there is no link to cut: still resuming…");
    this.#isOwn = true;
    session.cutLink();
    this.#isOwn = false;
  }

  #broken(reason = "no reason given"): void {
    this.#tellBack();
    this.#brokeAt = this.#clock.now();
    this.#messages = 0;
    this.#note(this.#isOwn ? "link cut; resuming…" : `link lost (${reason}); resuming…`);
  }

  #resumed(): void {
    const downMs = Math.max(1, Math.round(this.#clock.now() - this.#brokeAt));
    this.#back = { downMs, timer: this.#clock.setTimer(() => this.#tellBack(), arrivingMs) };
  }

  #tellBack(): void {
    if (this.#back === undefined) return;
    const { downMs, timer } = this.#back;
    this.#clock.clearTimer(timer);
    this.#back = undefined;
    const messages = this.#messages;
    const count = messages === 1 ? "1 message" : `${messages} messages`;
    const meanwhile = messages === 0 ? "" : ` (${count} came meanwhile)`;
    this.#note(`back after ${formatMs(downMs)}, nothing lost${meanwhile}`);
  }
}
