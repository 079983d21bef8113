// What happens in a hub, for logs and counters; what happens to its sockets is in the life-cycle events.

/** `slow`: disconnected because it read too slowly. `http`, `tls`: another protocol at the plain door. */
export type HubEventName = "joined" | "renamed" | "left" | "slow" | "too-long" | "http" | "tls";

export interface HubEvent {
  readonly name: HubEventName;
  /** Of a connection its number, of a session its own id: as in their life-cycle events. */
  readonly id: number | string;
  readonly remote: string;
  /** Who: the name in the room; `renamed` has the new one. */
  readonly member?: string | undefined;
  /** `left`: how, if it was not in order. */
  readonly reason?: string | undefined;
}

/** Told of each event as it happens. What it throws is reported as an uncaught exception. */
export type HubObserver = (event: HubEvent) => void;
