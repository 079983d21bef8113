// Two ends of a session over a simulated network: one that `openSession` made, and the one its server's handler got.

import type { Wakes } from "../../src/core/clock.js";
import { text } from "../../src/protocol/encoding/text.js";
import { node } from "../../src/session/on-node.js";
import { openSessionFrom } from "../../src/session/open-session.js";
import type { OpenSessionOptions } from "../../src/session/options.js";
import {
  type ServeSessionsOptions,
  type SessionHandler,
  type SessionServer,
  serveSessions,
} from "../../src/session/serve-sessions.js";
import type { Session } from "../../src/session/session.js";
import type { World } from "../../src/testing/simulate.js";

export type TextSession = Session<string>;

/** Where a story's server is. */
export const place = "memory:hub";

/** A handler that gives its sessions away, and leaves them open until they close. */
export class Guests {
  readonly sessions: TextSession[] = [];
  /** Why drains abort the handlers, as it happens. */
  readonly drained: unknown[] = [];
  #waiting: ((session: TextSession) => void) | undefined;

  readonly handler: SessionHandler<string, string> = async (session, { signal }) => {
    signal.addEventListener("abort", () => void this.drained.push(signal.reason), { once: true });
    this.sessions.push(session);
    this.#waiting?.(session);
    await session.closed;
  };

  /** The next session that comes. */
  next(): Promise<TextSession> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }
}

export interface StoryOptions {
  readonly client?: OpenSessionOptions<string>;
  readonly server?: ServeSessionsOptions<string>;
  readonly handler?: SessionHandler<string, string>;
  /** The client's. */
  readonly wakes?: Wakes;
}

export interface Story {
  readonly server: SessionServer<string>;
  readonly guests: Guests;
  /** The client's end, and the server's of the same session. */
  readonly client: TextSession;
  readonly served: TextSession;
}

export async function serving(world: World, options: StoryOptions = {}, guests = new Guests()) {
  const given: ServeSessionsOptions<string> = { encoding: text(), ...world.options, ...options.server };
  return { server: await serveSessions(place, options.handler ?? guests.handler, given), guests };
}

export function dialling(
  world: World,
  options: OpenSessionOptions<string> = {},
  wakes?: Wakes,
): Promise<TextSession> {
  const platform = { ...node, wakes };
  return openSessionFrom(platform, place, { encoding: text(), ...world.options, ...options });
}

/** A server and one client of it. */
export async function opened(world: World, options: StoryOptions = {}): Promise<Story> {
  const { server, guests } = await serving(world, options);
  const coming = guests.next();
  const client = await dialling(world, options.client, options.wakes);
  return { server, guests, client, served: await coming };
}

/** What `closed` says, as plain values. */
export async function endOf(session: TextSession) {
  const { by, reason, error, unacknowledged, unread } = await session.closed;
  const code = (error as { readonly code?: string } | undefined)?.code;
  const listed = unacknowledged.list().map(({ stream, message }) => ({ stream, message }));
  return { by, reason, code, unacknowledged: listed, unread: unread.messages };
}
