// What the Live tab knows: the newest snapshot, the rates between the last two, and the points of the last two minutes.
// Invariant: points older than the plots show are let go; an order is answered once.

import type { LiveMessage, LiveOrder, LiveSnapshot } from "../../hub.js";
import { type Point, pointBetween, type Rates, ratesBetween } from "./rates.js";

export const plottedMs = 120_000;

export interface LiveState {
  readonly snapshot: LiveSnapshot | undefined;
  readonly rates: ReadonlyMap<number, Rates>;
  readonly points: readonly Point[];
  /** The hub took our admin code. */
  readonly isUnlocked: boolean;
  /** The hub's last answer, in words; undefined before the first. */
  readonly answer: string | undefined;
}

export const unseen: LiveState = {
  snapshot: undefined,
  rates: new Map(),
  points: [],
  isUnlocked: false,
  answer: undefined,
};

const doneWords: { readonly [order in LiveOrder["type"]]: string } = {
  unlock: "Unlocked: you may cut, slow and disconnect what is not yours.",
  cut: "The link is cut.",
  disconnect: "Disconnected.",
  throttle: "The pace is set.",
};

/** The hub has said something on the stream `live`. */
export function shown(state: LiveState, message: LiveMessage): LiveState {
  switch (message.type) {
    case "snapshot":
      return measured(state, message);
    case "done":
      return {
        ...state,
        answer: doneWords[message.order],
        isUnlocked: state.isUnlocked || message.order === "unlock",
      };
    case "refused":
      return { ...state, answer: `Refused: ${message.reason}` };
  }
}

/** The hub has ended the stream: what is shown grows old. */
export function lost(state: LiveState, problem: string): LiveState {
  return { ...state, isUnlocked: false, answer: `The hub shows no more: ${problem}` };
}

/** Another session carries the page, which has not unlocked anything. */
export function locked(state: LiveState): LiveState {
  return { ...state, isUnlocked: false, answer: undefined };
}

function measured(state: LiveState, snapshot: LiveSnapshot): LiveState {
  const point = pointBetween(state.snapshot, snapshot);
  const oldest = snapshot.at - plottedMs;
  const points = point === undefined ? state.points : [...state.points, point];
  return {
    ...state,
    snapshot,
    rates: ratesBetween(state.snapshot, snapshot),
    points: points.filter(({ at }) => at >= oldest),
  };
}
