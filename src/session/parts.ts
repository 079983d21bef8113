// What a session is made of, and what it tells whoever makes its links.

import type { SocketError } from "../core/errors.js";
import type { SessionLimits } from "../protocol/session/session-limits.js";
import type { SessionSettings } from "./options.js";

/** What whoever makes links for a session is told. */
export interface SessionHooks {
  /** There is no link any more. */
  onDetached(why: SocketError): void;
  /** Server: the client has shown that it has the session. */
  onConfirmed(): void;
  /** It is over for its user. */
  onClosed(): void;
  /** It is over for the peer too: no link is wanted any more. */
  onFinished(): void;
}

export interface SessionParts<Send, Receive> {
  readonly id: string;
  readonly isClient: boolean;
  readonly settings: SessionSettings<Send, Receive>;
  readonly peerLimits: SessionLimits;
  readonly remote: string;
  readonly hooks: SessionHooks;
}
