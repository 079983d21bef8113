// The page's one link to its hub: what the rest of the page needs of it.
// Invariant: at most one session at a time; `session` is undefined while there is none, and `view` says why.

import type { Store } from "../parts/store.js";
import type { LinkView } from "./link-state.js";

export interface HubLink {
  readonly view: Store<LinkView>;
  readonly session: Store<HubSession | undefined>;
  /** Breaks the link as a bad cable would; the session stays. */
  cut(): void;
}

/** What comes over it is as the hub's messages say. */
export interface HubSession extends AsyncIterable<unknown> {
  send(message: unknown): Promise<void>;
  cutLink(): void;
  open(name: string, options?: { readonly message?: unknown }): Promise<HubStream>;
}

export interface HubStream extends AsyncIterable<unknown> {
  send(message: unknown): Promise<void>;
  abort(reason?: unknown): void;
}
