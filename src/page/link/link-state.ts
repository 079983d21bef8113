// What the page knows of its own link, and how it says so in plain words.
// Invariant: times are the page's own clock, handed in; a view is made of the one before and of what has happened.

import type { SessionState } from "../../client-browser.js";
import { duration } from "../parts/format.js";

export interface LinkView {
  /** `opening`: the first session, or the next one, has no link yet. */
  readonly name: "opening" | "open" | "resuming" | "draining" | "refused";
  /** Since when it is that, in milliseconds of the page's clock. */
  readonly since: number;
  readonly why: string | undefined;
  /** Links that were there and broke, cut by us or not. */
  readonly breaks: number;
  /** How long it took until the last one was replaced. */
  readonly lastDownMs: number | undefined;
  /** Sessions so far. */
  readonly sessions: number;
}

export function opening(now: number): LinkView {
  return {
    name: "opening",
    since: now,
    why: undefined,
    breaks: 0,
    lastDownMs: undefined,
    sessions: 0,
  };
}

/** `https://hub.example/` → `wss://hub.example/page`; below a prefix that a proxy adds, below that. */
export function pageEndpoint({ protocol, host, pathname }: Place): string {
  const folder = pathname.slice(0, pathname.lastIndexOf("/") + 1);
  return `${protocol === "https:" ? "wss" : "ws"}://${host}${folder}page`;
}

/** What is used of the page's `location`. */
export interface Place {
  readonly protocol: string;
  readonly host: string;
  readonly pathname: string;
}

/** The session says what it is now; that it is over is for `ended` to tell, which knows why. */
export function became(view: LinkView, state: SessionState, now: number): LinkView {
  if (state.name === "closed") return view;
  if (state.name === view.name) return { ...view, why: state.why };
  const next = { ...view, name: state.name, since: now, why: state.why };
  if (state.name === "resuming") return { ...next, breaks: view.breaks + 1 };
  if (view.name === "resuming" && state.name === "open") return { ...next, lastDownMs: now - view.since };
  return next;
}

/** Another session has begun; the first one too. */
export function begun(view: LinkView, now: number): LinkView {
  return { ...view, name: "open", since: now, why: undefined, sessions: view.sessions + 1 };
}

/** The session is over; another one is being opened. */
export function ended(view: LinkView, why: string | undefined, now: number): LinkView {
  return { ...view, name: "opening", since: now, why };
}

/** The hub does not want this page. */
export function refused(view: LinkView, why: string, now: number): LinkView {
  return { ...view, name: "refused", since: now, why };
}

/** One sentence for whoever has never seen a socket. */
export function linkWords(view: LinkView, now: number): string {
  switch (view.name) {
    case "opening":
      return view.sessions === 0 ? "Connecting to the hub…" : "The session has ended. Opening a new one…";
    case "open":
      return openWords(view);
    case "resuming":
      return `The link is down for ${duration(now - view.since)}. What you write waits here, and what others say waits at the hub.`;
    case "draining":
      return "The hub is about to close.";
    case "refused":
      return `The hub refuses this page: ${view.why}`;
  }
}

/** A word or two, for the badge. */
export function linkBadge(view: LinkView, now: number): string {
  switch (view.name) {
    case "opening":
      return "connecting";
    case "open":
      return "linked";
    case "resuming":
      return `down ${duration(now - view.since)}`;
    case "draining":
      return "closing";
    case "refused":
      return "refused";
  }
}

function openWords({ lastDownMs, breaks, sessions }: LinkView): string {
  if (lastDownMs !== undefined && breaks > 0) {
    return `Linked again, ${duration(lastDownMs)} after the cut. The same session goes on.`;
  }
  return sessions > 1 ? "Linked, by a new session." : "Linked to the hub.";
}
