// What a machine has told, kept until the machine has returned: whoever hears of it may call the machine again, and an
// application's own code (encodings, observers) must not run in the midst of a chunk.
// Invariant: all that was told is passed on once and in order, before anything else happens on the event loop.

import { atTurnEnd } from "../core/turn.js";
import type { Ending, MachineSink } from "../protocol/session/contract.js";
import type { Flow } from "../protocol/session/flow.js";
import type { GoAway } from "../protocol/session/words.js";

/** Who is told at once, since nothing of the application's follows from it. */
export interface AtOnce {
  onOutput(): void;
  /** Cuts the link. */
  onBroken(): void;
  /** It is over: ends the link behind what is still to be said. */
  onEnding(): void;
}

/** Who is told once the machine has returned. */
export interface Listening extends Omit<MachineSink, "onOutput"> {}

type Event =
  | { readonly name: "input" | "opened"; readonly flow: Flow }
  | { readonly name: "goAway"; readonly words: GoAway }
  | { readonly name: "peerClosing" | "broken"; readonly reason: string }
  | { readonly name: "closed"; readonly ending: Ending }
  | { readonly name: "confirmed" | "progress" };

const confirmed: Event = { name: "confirmed" };
const progress: Event = { name: "progress" };

export class Told implements MachineSink {
  readonly #atOnce: AtOnce;
  readonly #listening: Listening;
  #events: Event[] = [];
  /** Calls of the machine that are under way. */
  #held = 0;
  #isTelling = false;

  constructor(atOnce: AtOnce, listening: Listening) {
    this.#atOnce = atOnce;
    this.#listening = listening;
  }

  /** The machine is about to be called. */
  hold(): void {
    this.#held += 1;
  }

  /** It has returned: what it told is passed on. */
  release(): void {
    this.#held -= 1;
    if (this.#held === 0) this.#tell();
  }

  onOutput(): void {
    this.#atOnce.onOutput();
  }

  onConfirmed(): void {
    this.#add(confirmed);
  }

  onOpened(flow: Flow): void {
    this.#add({ name: "opened", flow });
  }

  onInput(flow: Flow): void {
    const last = this.#events.at(-1);
    if (last?.name !== "input" || last.flow !== flow) this.#add({ name: "input", flow });
  }

  onProgress(): void {
    if (this.#events.at(-1) !== progress) this.#add(progress);
  }

  onGoAway(words: GoAway): void {
    this.#add({ name: "goAway", words });
  }

  onPeerClosing(reason: string): void {
    this.#add({ name: "peerClosing", reason });
  }

  onBroken(reason: string): void {
    this.#atOnce.onBroken();
    this.#add({ name: "broken", reason });
  }

  onClosed(ending: Ending): void {
    this.#atOnce.onEnding();
    this.#add({ name: "closed", ending });
  }

  #add(event: Event): void {
    // From a call that nobody holds: the end of the turn is soon enough.
    if (this.#held === 0 && !this.#isTelling && this.#events.length === 0) atTurnEnd(tell, this);
    this.#events.push(event);
  }

  #tell(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      while (this.#events.length > 0) {
        const events = this.#events;
        this.#events = [];
        for (const event of events) this.#pass(event);
      }
    } finally {
      this.#isTelling = false;
    }
  }

  #pass(event: Event): void {
    const listening = this.#listening;
    switch (event.name) {
      case "input":
        listening.onInput(event.flow);
        break;
      case "progress":
        listening.onProgress();
        break;
      case "opened":
        listening.onOpened(event.flow);
        break;
      case "confirmed":
        listening.onConfirmed();
        break;
      case "goAway":
        listening.onGoAway(event.words);
        break;
      case "peerClosing":
        listening.onPeerClosing(event.reason);
        break;
      case "broken":
        listening.onBroken(event.reason);
        break;
      case "closed":
        listening.onClosed(event.ending);
        break;
    }
  }

  static readonly tell = (told: Told): void => told.#tell();
}

const { tell } = Told;
