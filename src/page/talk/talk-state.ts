// What the Talk tab knows: the room as this page has heard it, and the account of its own messages.
// Invariant: sent = arrived + on the way + lost; a message that the room has numbered is shown once.

import type { RoomMessage, Said } from "../../hub.js";

export interface TalkState {
  /** What this page is called; undefined before the room's welcome. */
  readonly name: string | undefined;
  /** Who else is here; of very many, the first. */
  readonly members: readonly string[];
  /** This page included. */
  readonly membersTotal: number;
  /** Oldest first; the oldest are let go. */
  readonly lines: readonly TalkLine[];
  /** Said here, and not come back yet. */
  readonly pending: readonly Own[];
  readonly sent: number;
  readonly arrived: number;
  readonly lost: number;
  /** What the room said since we came. */
  readonly heard: number;
  readonly holes: number;
  readonly doubles: number;
  /** The room's number of what was heard last; undefined before the welcome. */
  readonly lastN: number | undefined;
  /** For the keys of lines. */
  readonly keys: number;
}

export interface Own {
  readonly id: number;
  readonly text: string;
}

export type TalkLine =
  | {
      readonly kind: "said";
      readonly key: number;
      readonly n: number;
      readonly from: string;
      readonly text: string;
      readonly isMine: boolean;
    }
  /** `notice`: who came and went; `note`: for us alone; `link`: what became of our link. */
  | { readonly kind: "notice" | "note" | "link"; readonly key: number; readonly text: string }
  /** Said here, and nobody knows whether it arrived. */
  | { readonly kind: "lost"; readonly key: number; readonly text: string };

export const linesMax = 500;

export const quiet: TalkState = {
  name: undefined,
  members: [],
  membersTotal: 0,
  lines: [],
  pending: [],
  sent: 0,
  arrived: 0,
  lost: 0,
  heard: 0,
  holes: 0,
  doubles: 0,
  lastN: undefined,
  keys: 0,
};

/** Whether the text is said in the room; a slash begins a question to its guide, two are one that is said. */
export function isSaid(text: string): boolean {
  return !text.startsWith("/") || text.startsWith("//");
}

/** We have said something, which is on its way. */
export function said(state: TalkState, own: Own): TalkState {
  if (!isSaid(own.text)) return add(state, { kind: "note", text: own.text });
  return { ...state, sent: state.sent + 1, pending: [...state.pending, own] };
}

/** The room has said something. */
export function heard(state: TalkState, message: RoomMessage): TalkState {
  switch (message.type) {
    case "welcome":
      return welcomed(state, message);
    case "said":
      return numbered(state, message);
    case "joined":
      return notice(
        { ...state, membersTotal: message.membersTotal, members: [...state.members, message.name] },
        `${message.name} joined`,
      );
    case "left": {
      const members = state.members.filter((name) => name !== message.name);
      const why = message.reason === undefined ? "" : `: ${message.reason}`;
      return notice({ ...state, membersTotal: message.membersTotal, members }, `${message.name} left${why}`);
    }
    case "renamed":
      return renamed(state, message.from, message.to);
    case "note":
      return noted(state, message);
  }
}

/** The session is over, and what had not come back is not known to have arrived. A new one begins. */
export function renewed(state: TalkState): TalkState {
  let next: TalkState = { ...state, lost: state.lost + state.pending.length, pending: [] };
  for (const { text } of state.pending) next = add(next, { kind: "lost", text });
  return next;
}

/** A line about our own link. */
export function linkSaid(state: TalkState, text: string): TalkState {
  return add(state, { kind: "link", text });
}

function welcomed(state: TalkState, message: RoomMessage & { type: "welcome" }): TalkState {
  const { name, members, membersTotal, history, n } = message;
  // A hub that has started anew counts anew: nothing of what it says was heard before.
  const seen = state.lastN === undefined || n < state.lastN ? 0 : state.lastN;
  let next: TalkState = { ...state, name, members, membersTotal, lastN: n };
  for (const line of history) {
    if (line.n > seen) next = show(next, line);
  }
  return next;
}

/** The guide has answered; what it answers was not said in the room. */
function noted(state: TalkState, { text, id }: RoomMessage & { type: "note" }): TalkState {
  const next = add(state, { kind: "note", text });
  const pending = state.pending.filter((own) => own.id !== id);
  return { ...next, pending, sent: state.sent - (state.pending.length - pending.length) };
}

function numbered(state: TalkState, message: Said): TalkState {
  const { lastN } = state;
  if (lastN !== undefined && message.n <= lastN) return { ...state, doubles: state.doubles + 1 };
  const holes = lastN === undefined ? 0 : message.n - lastN - 1;
  const next = { ...state, lastN: message.n, heard: state.heard + 1, holes: state.holes + holes };
  return show(next, message);
}

function show(state: TalkState, { n, from, text, id }: Said): TalkState {
  const own = id === undefined ? undefined : state.pending.find((one) => one.id === id);
  const next = add(state, { kind: "said", n, from, text, isMine: own !== undefined });
  if (own === undefined) return next;
  return { ...next, arrived: next.arrived + 1, pending: next.pending.filter((one) => one !== own) };
}

function renamed(state: TalkState, from: string, to: string): TalkState {
  const members = state.members.map((name) => (name === from ? to : name));
  const name = state.name === from ? to : state.name;
  return notice({ ...state, members, name }, `${from} is now ${to}`);
}

function notice(state: TalkState, text: string): TalkState {
  return add(state, { kind: "notice", text });
}

/** Each kind of line without its key. */
type NewLine = TalkLine extends infer Line ? (Line extends TalkLine ? Omit<Line, "key"> : never) : never;

function add(state: TalkState, line: NewLine): TalkState {
  const lines = [...state.lines, { ...line, key: state.keys } as TalkLine].slice(-linesMax);
  return { ...state, lines, keys: state.keys + 1 };
}
