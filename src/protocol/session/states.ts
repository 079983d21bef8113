// The states of a session's two ends and of one direction of a stream, as tables: the machine runs on them, and the diagrams of
// docs/PROTOCOL.md are drawn from them.
// Invariant: what a table does not list cannot happen; the machine throws rather than go on.

/** What happened, seen from one side, by the state in which it may happen; the value is the next state. */
type Table<State extends string, Event extends string> = {
  readonly [From in State]: { readonly [On in Event]?: State };
};

export type OurEndState = "open" | "closing" | "closed";
export type OurEndEvent = "CLOSE said" | "CLOSE_ACK heard";

/** What we say: nothing is numbered once CLOSE is said. On a new link CLOSE is said again, which changes nothing. */
export const ourEndTable: Table<OurEndState, OurEndEvent> = {
  open: { "CLOSE said": "closing" },
  closing: { "CLOSE_ACK heard": "closed" },
  closed: { "CLOSE_ACK heard": "closed" },
};

export type PeerEndState = "open" | "closing" | "closed";
export type PeerEndEvent = "CLOSE heard" | "CLOSE_ACK said";

/** What the peer says: a CLOSE that is heard again came over a new link, and is answered again. */
export const peerEndTable: Table<PeerEndState, PeerEndEvent> = {
  open: { "CLOSE heard": "closing" },
  closing: { "CLOSE heard": "closing", "CLOSE_ACK said": "closed" },
  closed: { "CLOSE heard": "closing" },
};

export type DirectionState = "open" | "ended" | "over";
export type DirectionEvent = "last frame sent" | "last frame acknowledged";

/** One direction of a stream; its last frame is LAST, END, or an ABORT where it had neither. */
export const directionTable: Table<DirectionState, DirectionEvent> = {
  open: { "last frame sent": "ended" },
  ended: { "last frame acknowledged": "over" },
  over: {},
};

/** The state that follows. @throws Error if the table has none: a mistake of ours, never the peer's. */
export function next<State extends string, Event extends string>(
  table: Table<State, Event>,
  from: State,
  event: NoInfer<Event>,
): State {
  const to = table[from][event];
  if (to === undefined) throw new Error(`a session that is ${from} cannot: ${event}`);
  return to;
}

/** The table as a Mermaid state diagram. */
export function diagramOf(table: Table<string, string>): string {
  const [first] = Object.keys(table);
  const lines = Object.entries(table).flatMap(([from, events]) =>
    Object.entries(events).map(([event, to]) => `    ${from} --> ${to}: ${event}`),
  );
  return ["stateDiagram-v2", `    [*] --> ${first}`, ...lines].join("\n");
}
