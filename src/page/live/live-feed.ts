// Live's way to the hub: a stream of snapshots, opened when somebody looks for the first time, and orders the other way.
// Invariant: one stream per session; a code that unlocks is sent and kept nowhere.

import type { LiveMessage, LiveOrder } from "../../hub.js";
import type { HubLink, HubSession, HubStream } from "../link/hub-link.js";
import { problemOf } from "../parts/problem.js";
import { Store } from "../parts/store.js";
import { type LiveState, locked, lost, shown, unseen } from "./live-state.js";

export interface LiveFeed {
  readonly state: Store<LiveState>;
  /** From now on; again only where the hub has ended it. */
  start(): void;
  order(order: LiveOrder): void;
}

export function openLive(link: HubLink): LiveFeed {
  const state = new Store(unseen);
  let stream: HubStream | undefined;
  let looking: HubSession | undefined;
  let isStarted = false;
  const look = async (session: HubSession | undefined) => {
    looking = session;
    stream = undefined;
    if (session === undefined) return;
    try {
      const opened = await session.open("live");
      if (looking === session) stream = opened;
      for await (const message of opened) state.change((now) => shown(now, message as LiveMessage));
    } catch (error) {
      if (looking === session) state.change((now) => lost(now, problemOf(error)));
    }
    if (looking === session) looking = undefined;
  };
  return {
    state,
    start() {
      if (looking === undefined) void look(link.session.value);
      if (isStarted) return;
      isStarted = true;
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
