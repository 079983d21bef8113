// Opens the page's link: a session at /page of the host that served the page, and the next one when it has expired.
// Invariant: times are those of the page's own clock, as whoever draws them counts.

import { json, keepSession, type Session } from "../../client-browser.js";
import { Store } from "../parts/store.js";
import type { HubLink, HubSession } from "./hub-link.js";
import { became, begun, ended, type LinkView, opening, pageEndpoint, refused } from "./link-state.js";

type JsonSession = Session<unknown, unknown>;

export function openLink(place: Location): HubLink {
  const view = new Store(opening(performance.now()));
  const session = new Store<HubSession | undefined>(undefined);
  keep(pageEndpoint(place), view, session).catch((error: Error) => {
    view.change((now) => refused(now, error.message, performance.now()));
  });
  return { view, session, cut: () => session.value?.cutLink() };
}

/** For as long as the page lives. @throws where the hub says no for good. */
async function keep(
  endpoint: string,
  view: Store<LinkView>,
  current: Store<HubSession | undefined>,
): Promise<void> {
  let newest: JsonSession | undefined;
  // Whoever closes the page leaves the room, and is not awaited there until the session expires. Of a page that the
  // browser keeps, the session goes on: it may be shown again.
  addEventListener("pagehide", ({ persisted }) => {
    if (!persisted) newest?.abort("the page was closed");
  });
  for await (const { session } of keepSession<unknown>(endpoint, { encoding: json() })) {
    view.change((now) => begun(now, performance.now()));
    current.set(session);
    newest = session;
    void followStates(session, view);
    void session.closed.then(({ reason }) => {
      current.set(undefined);
      view.change((now) => ended(now, reason, performance.now()));
    });
  }
}

async function followStates(session: JsonSession, view: Store<LinkView>): Promise<void> {
  for await (const state of session.states()) {
    view.change((now) => became(now, state, performance.now()));
  }
}
