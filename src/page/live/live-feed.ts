// Live's way to the hub: a stream of snapshots, opened when somebody looks for the first time, and orders the other way.
// Invariant: one stream per session; a code that unlocks is sent and kept nowhere.

import type { LiveMessage, LiveOrder } from "../../hub.js";
import type { HubLink, HubSession, HubStream } from "../link/hub-link.js";
import { Store } from "../parts/store.js";
import { type LiveState, locked, shown, unseen } from "./live-state.js";

export interface LiveFeed {
  readonly state: Store<LiveState>;
  /** From now on; again does nothing. */
  start(): void;
  order(order: LiveOrder): void;
}

export function openLive(link: HubLink): LiveFeed {
  const state = new Store(unseen);
  let stream: HubStream | undefined;
  let isStarted = false;
  const look = async (session: HubSession | undefined) => {
    stream = undefined;
    if (session === undefined) return;
    try {
      const opened = await session.open("live");
      stream = opened;
      for await (const message of opened) state.change((now) => shown(now, message as LiveMessage));
    } catch {
      // The session is over: the next one opens the next stream.
    }
  };
  return {
    state,
    start() {
      if (isStarted) return;
      isStarted = true;
      void look(link.session.value);
      link.session.follow((session) => {
        state.change(locked);
        void look(session);
      });
    },
    order(order) {
      stream?.send(order).catch(() => {});
    },
  };
}
