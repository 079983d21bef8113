// Serving: a handler per session, which outlives the links it comes over.
// Invariant: a handler's end closes its session, and a handler that throws ends no other; a drain leaves nothing behind.

import { setMaxListeners } from "node:events";
import type http from "node:http";

import { Doors, type ListenerStats } from "../connection/doors.js";
import { Drain } from "../connection/drain.js";
import type { BehindProxyOptions } from "../connection/options.js";
import type { DrainOptions, DrainResult } from "../connection/serve.js";
import type { Random } from "../core/clock.js";
import { SocketError, UsageError } from "../core/errors.js";
import { tell } from "../core/lifecycle.js";
import { limit } from "../core/limits.js";
import { reasonText } from "../core/reason.js";
import { reportMistake } from "../core/report.js";
import type { ServerHandshake } from "../protocol/session/server-handshake.js";
import { addressOf, Failures } from "./failures.js";
import { Hosting, type HostingOptions } from "./hosting.js";
import { type SessionOptions, type SessionSettings, sessionSettings } from "./options.js";
import { type Asked, Reception } from "./reception.js";
import type { Session } from "./session.js";
import type { SessionLink } from "./session-link.js";

/** Returns: the session is closed gracefully. Throws: it is aborted, and `onError` is told. */
export type SessionHandler<Send, Receive> = (
  session: Session<Send, Receive>,
  context: {
    /** Aborted once the server drains: finish what you do, and return. */ readonly signal: AbortSignal;
  },
) => Promise<void> | void;

export interface ServeSessionsOptions<Send = Uint8Array, Receive = Send>
  extends SessionOptions<Send, Receive>,
    BehindProxyOptions {
  /** How long a session is kept without a link. */
  readonly sessionTtlMs?: number | undefined;
  /** Sessions without a link, in all; beyond it the oldest of the address that has most is given up. */
  readonly detachedSessionsMax?: number | undefined;
  /** From a link's opening to the client's whole HELLO or RESUME, and from WELCOME to its first ACK. */
  readonly handshakeMs?: number | undefined;
  /** Connections that the kernel holds until they are accepted. */
  readonly backlog?: number | undefined;
  /** `ws:/path`: the HTTP server that it is a path of, `node:http`'s or `node:https`'s. */
  readonly server?: http.Server | undefined;
  /** For `ws:` alone: the path, as in `ws:/path`. */
  readonly path?: string | undefined;
  /** Links; who comes above it is told to come again. Clamped to the descriptor limit less a reserve. */
  readonly connectionsMax?: number | undefined;
  /** Links from one remote address; loopback is never counted. Default 0: no bound. */
  readonly connectionsPerAddressMax?: number | undefined;
  /** Begins a drain. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Told of each handler that threw. Without it an error of the network is in `session.closed` and the observer's events
   * only; any other is a mistake in the handler and becomes a process warning.
   */
  readonly onError?: ((error: unknown, session: Session<Send, Receive>) => void) | undefined;
}

export interface SessionServerStats extends ListenerStats {
  /** Sessions, with a link or without. */
  readonly sessions: number;
  readonly detached: number;
  readonly evicted: number;
}

type Bounds = Pick<HostingOptions<never, never>, "ttlMs" | "handshakeMs" | "detachedMax">;

/** Clients that find no place, or a server that drains, come again within this time, each at its own moment. */
const retryAfterMsMin = 500;
const retryAfterMsMax = 5_000;
/** Links above the bound, or out of the descriptor reserve, that are told so. */
const turnedAwayMax = 16;

export class SessionServer<Send = Uint8Array, Receive = Send> implements AsyncDisposable {
  readonly #doors: Doors<Uint8Array, Uint8Array>;
  readonly #handler: SessionHandler<Send, Receive>;
  readonly #random: Random;
  readonly #onError: (error: unknown, session: Session<Send, Receive>) => void;
  readonly #hosting: Hosting<Send, Receive>;
  readonly #reception: Reception;
  readonly #failures: Failures;
  readonly #running = new Map<Session<Send, Receive>, Promise<void>>();
  readonly #stop = new AbortController();
  readonly #drain: Drain;

  /** Not for users: `serveSessions` makes servers. */
  constructor(
    doors: Doors<Uint8Array, Uint8Array>,
    handler: SessionHandler<Send, Receive>,
    settings: SessionSettings<Send, Receive>,
    bounds: Bounds,
    onError: (error: unknown, session: Session<Send, Receive>) => void,
  ) {
    const { clock, limits: own, lingerMs } = settings;
    const { ttlMs, handshakeMs } = bounds;
    this.#doors = doors;
    this.#handler = handler;
    this.#random = settings.random;
    this.#onError = onError;
    this.#failures = new Failures(clock);
    this.#drain = new Drain(clock);
    this.#hosting = new Hosting({
      settings,
      ...bounds,
      onSession: (session) => void this.#running.set(session, this.#run(session)),
      onTurnedAway: (link, answer) => this.#reception.turnAway(link, answer),
    });
    this.#reception = new Reception({
      clock,
      observer: settings.observer,
      limits: own,
      ttlMs,
      handshakeMs,
      lingerMs,
      bindingRequired: settings.bindingRequired,
      find: (id, stream) => this.#hosting.find(id, stream),
      onAsked: (link, asked, handshake) => this.#onAsked(link, asked, handshake),
      onRefused: (link, code, reason) => this.#onRefused(link, code, reason),
      onGone: (stream) => doors.leave(stream.remote),
    });
    // Every handler may listen to it, and none of them is a leak.
    setMaxListeners(0, this.#stop.signal);
    doors.start(
      (stream) => this.#reception.take(stream),
      () => void this.drain(),
    );
  }

  /** The first endpoint, with the port that was chosen. */
  get endpoint(): string {
    return this.#doors.endpoint;
  }

  /** All endpoints, in the order given. */
  get endpoints(): string[] {
    return this.#doors.endpoints;
  }

  /** The sessions that are open now, with a link or without. */
  get sessions(): Iterable<Session<Send, Receive>> {
    return this.#running.keys();
  }

  get stats(): SessionServerStats {
    const { size: sessions, detachedSize: detached, evicted } = this.#hosting;
    return { ...this.#doors.stats, sessions, detached, evicted };
  }

  /**
   * Takes no new sessions, tells the handlers by their signal and the clients by GOAWAY, and waits until each handler has
   * returned and its session has closed; until then clients whose links break may still come back. Aborts what is left at
   * the deadline.
   * @throws UsageError for a deadline that is none; nothing has begun then.
   */
  async drain({ deadlineMs }: DrainOptions = {}): Promise<DrainResult> {
    const delayMs = limit("drainMs", deadlineMs, "deadlineMs");
    return this.#drain.run(delayMs, async (deadline) => {
      this.#stop.abort(new DOMException("the server is draining", "AbortError"));
      this.#hosting.goAway(() => ({
        reason: "the server is draining",
        retryAfterMs: this.#retryAfterMs(),
      }));
      await Promise.race([this.#allDone(), deadline]);
      const cut = this.#running.size;
      this.#hosting.abort("the server's drain deadline has passed");
      this.#reception.close();
      await this.#doors.close();
      return { cut };
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drain().then(() => {});
  }

  /** No handler runs, and no client may still want to know how its session ended. */
  async #allDone(): Promise<void> {
    while (this.#running.size > 0 || this.#hosting.size > 0) {
      await Promise.all([...this.#running.values(), this.#hosting.whenEmpty()]);
    }
  }

  #onAsked(link: SessionLink, asked: Asked, handshake: ServerHandshake): void {
    // A session that is still on another link gives up that one's place.
    const isMoving = asked.kind === "resume" && this.#hosting.hasLink(asked.key.id);
    if (this.#doors.isOverfull && !isMoving) {
      this.#reception.turnAway(link, handshake.reject("busy", "there is no place now", this.#retryAfterMs()));
      this.#doors.refuse("there is no place for another link");
    } else if (asked.kind === "resume") this.#hosting.resume(link, asked, handshake);
    else if (this.#stop.signal.aborted) {
      this.#reception.turnAway(link, handshake.reject("busy", "the server is closing", this.#retryAfterMs()));
    } else this.#hosting.welcome(link, asked.rest, handshake);
  }

  async #run(session: Session<Send, Receive>): Promise<void> {
    try {
      // Later: what confirmed it came with more, which is taken first.
      await null;
      await this.#handler(session, { signal: this.#stop.signal });
      await session.close();
    } catch (error) {
      session.abort(error);
      tell(this.#onError, error, session);
    }
    await session.closed;
    this.#running.delete(session);
  }

  /** Failures are limited per address, and cost nobody else anything: neither new sessions nor proven ones are refused. */
  #onRefused(link: SessionLink, code: string, reason: string): boolean {
    this.#doors.refuse(`${code}: ${reason}`);
    return this.#failures.count(addressOf(link.stream.remote));
  }

  #retryAfterMs(): number {
    return Math.round(retryAfterMsMin + this.#random() * (retryAfterMsMax - retryAfterMsMin));
  }
}

/** As `serveSessions` in index.ts says. */
export async function serveSessions<Send = Uint8Array, Receive = Send>(
  endpoints: string | readonly string[],
  handler: SessionHandler<Send, Receive>,
  options: ServeSessionsOptions<Send, Receive> = {},
): Promise<SessionServer<Send, Receive>> {
  if (typeof handler !== "function") {
    throw new UsageError("the handler is missing", {
      op: "serveSessions",
      advice: "call serveSessions(endpoint, handler, options)",
    });
  }
  const settings = sessionSettings(options);
  const { backlog, connectionsMax, connectionsPerAddressMax, observer, clock, network, family } = options;
  const { signal, tls, webSocket, server, path, trustedProxies, proxyProtocol } = options;
  const doorOptions = {
    backlog,
    connectionsMax,
    connectionsPerAddressMax,
    observer,
    clock,
    network,
    family,
    signal,
    tls,
    webSocket,
    server,
    path,
    trustedProxies,
    proxyProtocol,
  };
  const bounds: Bounds = {
    ttlMs: limit("sessionTtlMs", options.sessionTtlMs),
    handshakeMs: limit("handshakeMs", options.handshakeMs),
    detachedMax: limit("detachedSessionsMax", options.detachedSessionsMax),
  };
  const doors = await Doors.open<Uint8Array, Uint8Array, Uint8Array>(
    endpoints,
    doorOptions,
    "bytes",
    turnedAwayMax,
  );
  return new SessionServer(doors, handler, settings, bounds, options.onError ?? warn);
}

function warn(error: unknown, { local }: { readonly local: string }): void {
  if (error instanceof SocketError) return;
  const reason = error instanceof Error ? error.stack : reasonText(error);
  reportMistake(
    `the handler of a session at ${local} failed, and the session was aborted; pass onError to be told: ${reason}`,
  );
}
