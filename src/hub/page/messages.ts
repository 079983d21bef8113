// What the hub and its page say to each other, as JSON, on a session at `/page`: the main flow is the room (Talk), the
// stream `live` shows the hub's sockets, and each experiment of the lab is a stream of its own.

/** Main flow, hub to page. `n` counts what is said in the room, without a hole: whoever misses one knows it. */
export type RoomMessage =
  | {
      readonly type: "welcome";
      readonly name: string;
      /** Who else is here; of very many, the first. */
      readonly members: readonly string[];
      /** This page included. */
      readonly membersTotal: number;
      /** As much as fits one message. */
      readonly history: readonly Said[];
      /** The number of what was said last. */
      readonly n: number;
    }
  | ({ readonly type: "said" } & Said)
  | { readonly type: "joined"; readonly name: string; readonly membersTotal: number }
  | {
      readonly type: "left";
      readonly name: string;
      readonly membersTotal: number;
      readonly reason?: string | undefined;
    }
  | { readonly type: "renamed"; readonly from: string; readonly to: string }
  /** For this member alone: what its guide says, or why nobody heard it; `id` is the message that it answers. */
  | { readonly type: "note"; readonly text: string; readonly id?: number | undefined };

export interface Said {
  readonly n: number;
  readonly from: string;
  readonly text: string;
  /** The `id` that this page gave it, if it came from here. */
  readonly id?: number | undefined;
}

/** Main flow, page to hub. */
export type PageMessage =
  | { readonly type: "say"; readonly id: number; readonly text: string }
  | { readonly type: "name"; readonly name: string };

/** Stream `live`, hub to page: a snapshot once a second. */
export type LiveMessage =
  | LiveSnapshot
  /** The answer to `unlock` and to each order. */
  | { readonly type: "done"; readonly order: LiveOrder["type"] }
  | { readonly type: "refused"; readonly order: LiveOrder["type"]; readonly reason: string };

/** Times in milliseconds; ages count from now. */
export interface LiveSnapshot {
  readonly type: "snapshot";
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly sockets: readonly LiveSocket[];
  /** How many there are, where not all are shown. */
  readonly socketsTotal: number;
  /** Newest first. */
  readonly closed: readonly ClosedSocket[];
  readonly totals: LiveTotals;
}

export interface LiveTotals {
  readonly open: number;
  readonly sessions: number;
  readonly accepted: number;
  readonly refused: number;
  readonly members: number;
  /** Since the hub began. */
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface LiveSocket {
  readonly id: number;
  readonly kind: "listener" | "connection" | "session";
  /** A session's own id. */
  readonly session?: string | undefined;
  readonly door: "plain" | "session" | "http";
  readonly local: string;
  readonly remote: string;
  readonly state: string;
  readonly ageMs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly pendingBytes: number;
  readonly unreadBytes: number;
  readonly roundTripMs?: number | undefined;
  /** Since the last byte came in. */
  readonly silentMs?: number | undefined;
  /** It carries this page. */
  readonly isYou: boolean;
  readonly throttledBytesPerSecond?: number | undefined;
  readonly timeline: readonly LiveStep[];
}

/** One step of a life cycle, as in `lifecycleNames`. */
export interface LiveStep {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly detail?: string | undefined;
}

export interface ClosedSocket {
  readonly id: number;
  readonly kind: "listener" | "connection" | "session";
  readonly remote: string;
  readonly at: number;
  readonly lifeMs: number;
  readonly by: string;
  readonly reason: string;
  readonly timeline: readonly LiveStep[];
}

/** Stream `live`, page to hub. One's own links may always be cut; the rest takes the hub's admin code. */
export type LiveOrder =
  | { readonly type: "unlock"; readonly code: string }
  | { readonly type: "cut"; readonly id: number }
  | { readonly type: "disconnect"; readonly id: number }
  /** 0: no longer. */
  | { readonly type: "throttle"; readonly id: number; readonly bytesPerSecond: number };
