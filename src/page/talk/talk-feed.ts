// Talk's way to the hub: the session's own messages, and what is to be said of the link among them.
// Invariant: what is said has an id of its own, which the room gives back; a session that ends takes none along unseen.

import type { PageMessage, RoomMessage } from "../../hub.js";
import type { HubLink, HubSession } from "../link/hub-link.js";
import type { LinkView } from "../link/link-state.js";
import { duration } from "../parts/format.js";
import { Store } from "../parts/store.js";
import { heard, linkSaid, quiet, renewed, said, type TalkState } from "./talk-state.js";

export interface TalkFeed {
  readonly state: Store<TalkState>;
  say(text: string): void;
  rename(name: string): void;
}

export function openTalk(link: HubLink): TalkFeed {
  const state = new Store(quiet);
  let lastId = 0;
  let before = link.view.value;
  link.view.follow((view) => {
    const words = linkLine(before, view, state.value);
    before = view;
    if (words !== undefined) state.change((now) => linkSaid(now, words));
  });
  link.session.follow((session) => {
    if (session === undefined) state.change(renewed);
    else void listen(session, state);
  });
  // A session that ends meanwhile says so itself, and counts what it took.
  const send = (message: PageMessage) => void link.session.value?.send(message).catch(() => {});
  return {
    state,
    say(text) {
      lastId += 1;
      const id = lastId;
      state.change((now) => said(now, { id, text }));
      send({ type: "say", id, text });
    },
    rename(name) {
      send({ type: "name", name });
    },
  };
}

async function listen(session: HubSession, state: Store<TalkState>): Promise<void> {
  try {
    for await (const message of session) state.change((now) => heard(now, message as RoomMessage));
  } catch {
    // Its end is told by the link.
  }
}

/** What the room's lines say about the link; undefined for what needs no line. */
export function linkLine(before: LinkView, now: LinkView, { lost, holes }: TalkState): string | undefined {
  if (before.name === "open" && now.name === "resuming") return "Your link is cut.";
  if (before.name === "resuming" && now.name === "open") {
    const harm = lost + holes === 0 ? "0 lost" : `${lost + holes} lost so far`;
    return `Back after ${duration(now.lastDownMs ?? 0)}, the same session, ${harm}.`;
  }
  if (now.sessions > before.sessions && before.sessions > 0) return "A new session has begun.";
  if (now.name === "opening" && before.name !== "opening") return "The session has ended.";
  return undefined;
}
