// The doors of the session layer. Its code is loaded when one of them is used first: who only wants sockets pays
// nothing for sessions.

import type { KeptSession } from "./keep-session.js";
import type { OpenSessionOptions } from "./options.js";
import type { ServeSessionsOptions, SessionHandler, SessionServer } from "./serve-sessions.js";
import type { Session } from "./session.js";

/**
 * Opens a session with a server that `serveSessions` runs at any endpoint but `udp://`. Once it is
 * open, links that break are replaced until the session expires, and no message is lost or doubled meanwhile.
 * @throws UsageError for a bad endpoint or option; DisconnectedError, TimeoutError if no link came up; RefusedError if the
 * server said no; ProtocolError if something else answers there; the signal's own reason. Nothing stays open then.
 */
export async function openSession<Send = Uint8Array, Receive = Send>(
  endpoint: string,
  options: OpenSessionOptions<Send, Receive> = {},
): Promise<Session<Send, Receive>> {
  const { openSession } = await import("./on-node.js");
  return openSession(endpoint, options);
}

/**
 * Sessions that follow one another, for a loop: the first is opened, and whenever one is over without having been closed
 * here, the next, which says what became of the one before. Attempts go on for ever unless `retry` says otherwise. The
 * loop ends when the session is closed or aborted here, or `signal` closes it; leaving the loop closes it too.
 * @throws as `openSession` does: RefusedError, UsageError, and what the last attempt of `retry` came to; the signal's own
 * reason where no session is open.
 */
export async function* keepSession<Send = Uint8Array, Receive = Send>(
  endpoint: string,
  options: OpenSessionOptions<Send, Receive> = {},
): AsyncGenerator<KeptSession<Send, Receive>, void> {
  const { keepSession } = await import("./on-node.js");
  yield* keepSession(endpoint, options);
}

/**
 * Listens as `listen` does, and runs `handler` for each session. The signal begins a drain.
 * @throws UsageError: a bad endpoint or option, an address in use; the signal's own reason. Nothing stays open then.
 */
export async function serveSessions<Send = Uint8Array, Receive = Send>(
  endpoints: string | readonly string[],
  handler: SessionHandler<Send, Receive>,
  options: ServeSessionsOptions<Send, Receive> = {},
): Promise<SessionServer<Send, Receive>> {
  const { serveSessions } = await import("./serve-sessions.js");
  return serveSessions(endpoints, handler, options);
}
