// A page's link over real sessions on memory: the test plays the hub, by the handler that it gives.

import { json, openSession, type Session, serveSessions } from "../../src/index.js";
import type { HubLink, HubSession } from "../../src/page/link/hub-link.js";
import { begun, type LinkView, opening } from "../../src/page/link/link-state.js";
import { Store } from "../../src/page/parts/store.js";

type JsonSession = Session<unknown, unknown>;

export interface FakeLink extends HubLink, AsyncDisposable {
  readonly view: Store<LinkView>;
  readonly session: Store<HubSession | undefined>;
  /** Ends the session that there is, and opens the next. */
  next(): Promise<void>;
}

let hubs = 0;

/** The page's session is open when it resolves. */
export async function fakeLink(hub: (session: JsonSession) => Promise<void>): Promise<FakeLink> {
  hubs += 1;
  const server = await serveSessions(`memory:page-${hubs}`, hub, { encoding: json() });
  const view = new Store(opening(0));
  const session = new Store<HubSession | undefined>(undefined);
  let open: JsonSession | undefined;
  const next = async () => {
    open?.abort("the next one");
    session.set(undefined);
    open = await openSession<unknown>(server.endpoint, { encoding: json() });
    view.change((now) => begun(now, 0));
    session.set(open);
  };
  await next();
  return {
    view,
    session,
    cut: () => session.value?.cutLink(),
    next,
    async [Symbol.asyncDispose]() {
      open?.abort("the test is over");
      await server.drain({ deadlineMs: 0 });
    },
  };
}

/** Resolves as soon as the store's value is as wanted. */
export function until<Value>(store: Store<Value>, isWanted: (value: Value) => boolean): Promise<Value> {
  return new Promise((resolve) => {
    const look = (value: Value) => {
      if (!isWanted(value)) return;
      stop();
      resolve(value);
    };
    const stop = store.follow(look);
    look(store.value);
  });
}
