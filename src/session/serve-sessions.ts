// Serving: a handler per session, which outlives the links it comes over.
// Invariant: a handler's end closes its session, and a handler that throws ends no other; a session is somebody's until
// both sides are done with it, or its time without a link is over.

import { randomFillSync } from "node:crypto";
import { setMaxListeners } from "node:events";

import { Doors, type ListenerStats } from "../connection/doors.js";
import type { DrainOptions, DrainResult } from "../connection/serve.js";
import type { Timer } from "../core/clock.js";
import { SocketError, UsageError } from "../core/errors.js";
import { tell } from "../core/lifecycle.js";
import { limit } from "../core/limits.js";
import { reportMistake } from "../core/report.js";
import type { ResumeKey } from "../protocol/session/handshake-bodies.js";
import type { ServerHandshake } from "../protocol/session/server-handshake.js";
import type { SessionCore } from "./core.js";
import { Drain } from "./drain.js";
import { Failures, hostOf } from "./failures.js";
import { type SessionOptions, type SessionSettings, sessionSettings } from "./options.js";
import { type Asked, Reception } from "./reception.js";
import { type Kept, Registry } from "./registry.js";
import { Session } from "./session.js";
import { type SessionLink, written } from "./session-link.js";

/** Returns: the session is closed gracefully. Throws: it is aborted, and `onError` is told. */
export type SessionHandler<Send, Receive> = (
  session: Session<Send, Receive>,
  context: {
    /** Aborted once the server drains: finish what you do, and return. */ readonly signal: AbortSignal;
  },
) => Promise<void> | void;

export interface ServeSessionsOptions<Send = Uint8Array, Receive = Send>
  extends SessionOptions<Send, Receive> {
  /** How long a session is kept without a link. */
  readonly sessionTtlMs?: number | undefined;
  /** Sessions without a link, in all; beyond it the oldest of the address that has most is given up. */
  readonly detachedSessionsMax?: number | undefined;
  /** From a link's opening to the client's whole HELLO or RESUME, and from WELCOME to its first ACK. */
  readonly handshakeMs?: number | undefined;
  /** Connections that the kernel holds until they are accepted. */
  readonly backlog?: number | undefined;
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

interface Entry<Send, Receive> extends Kept {
  readonly session: Session<Send, Receive>;
  readonly core: SessionCore<Send, Receive>;
  isConfirmed: boolean;
  confirmTimer: Timer;
}

/** A session that is done is kept so long for a client that may not know it yet. */
const doneMs = 10_000;
/** Clients that find no place, or a server that drains, come again within this time, each at its own moment. */
const retryAfterMsMin = 500;
const retryAfterMsMax = 5_000;
/** Links above the bound, or out of the descriptor reserve, that are told so. */
const turnedAwayMax = 16;

export class SessionServer<Send = Uint8Array, Receive = Send> implements AsyncDisposable {
  readonly #doors: Doors<Uint8Array, Uint8Array>;
  readonly #handler: SessionHandler<Send, Receive>;
  readonly #settings: SessionSettings<Send, Receive>;
  readonly #onError: (error: unknown, session: Session<Send, Receive>) => void;
  readonly #ttlMs: number;
  readonly #handshakeMs: number;
  readonly #registry: Registry<Entry<Send, Receive>>;
  readonly #reception: Reception;
  readonly #failures: Failures;
  readonly #running = new Map<Session<Send, Receive>, Promise<void>>();
  readonly #stop = new AbortController();
  readonly #drain: Drain;
  #evicted = 0;

  /** Not for users: `serveSessions` makes servers. */
  constructor(
    doors: Doors<Uint8Array, Uint8Array>,
    handler: SessionHandler<Send, Receive>,
    settings: SessionSettings<Send, Receive>,
    options: ServeSessionsOptions<Send, Receive>,
  ) {
    const { clock, limits: own, lingerMs } = settings;
    this.#doors = doors;
    this.#handler = handler;
    this.#settings = settings;
    this.#onError = options.onError ?? warn;
    this.#ttlMs = limit("sessionTtlMs", options.sessionTtlMs);
    this.#handshakeMs = limit("handshakeMs", options.handshakeMs);
    this.#registry = new Registry(clock, limit("detachedSessionsMax", options.detachedSessionsMax));
    this.#failures = new Failures(clock);
    this.#reception = new Reception({
      clock,
      limits: own,
      ttlMs: this.#ttlMs,
      handshakeMs: this.#handshakeMs,
      lingerMs,
      find: (id) => this.#registry.find(id)?.key,
      onAsked: (link, asked, handshake) => this.#onAsked(link, asked, handshake),
      onRefused: (link, code, reason) => this.#onRefused(link, code, reason),
      onGone: (stream) => doors.leave(stream.remote),
    });
    this.#drain = new Drain(clock);
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
    const { size: sessions, detachedSize: detached } = this.#registry;
    return { ...this.#doors.stats, sessions, detached, evicted: this.#evicted };
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
      for (const { core } of this.#registry) {
        core.pump.machine.goAway({ reason: "the server is draining", retryAfterMs: this.#retryAfterMs() });
      }
      await Promise.race([Promise.all(this.#running.values()), deadline]);
      const cut = this.#running.size;
      for (const session of this.#running.keys()) session.abort("the server's drain deadline has passed");
      this.#reception.close();
      await this.#doors.close();
      for (const entry of this.#registry) this.#registry.remove(entry);
      return { cut };
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drain().then(() => {});
  }

  #onAsked(link: SessionLink, asked: Asked, handshake: ServerHandshake): void {
    if (this.#doors.isOverfull) {
      this.#turnAway(link, handshake.reject("busy", "there is no place now", this.#retryAfterMs()));
      this.#doors.refuse("there is no place for another link");
    } else if (asked.kind === "resume") this.#resume(link, asked, handshake);
    else if (this.#stop.signal.aborted) {
      this.#turnAway(link, handshake.reject("busy", "the server is closing", this.#retryAfterMs()));
    } else this.#welcome(link, asked.rest, handshake);
  }

  #welcome(link: SessionLink, rest: Uint8Array, handshake: ServerHandshake): void {
    const { answer, key } = handshake.welcome(random(16), random(32));
    const entry = this.#entry(link, key);
    link.write(written(answer));
    this.#registry.add(entry);
    entry.core.attach(link, 0, rest);
  }

  #entry(link: SessionLink, key: ResumeKey): Entry<Send, Receive> {
    const session = new Session<Send, Receive>({
      id: key.id,
      isClient: false,
      settings: this.#settings,
      peerLimits: key.clientLimits,
      remote: link.stream.remote,
      hooks: {
        onDetached: () => this.#onDetached(entry),
        onConfirmed: () => this.#onConfirmed(entry),
        onClosed: () => this.#onClosed(entry),
        onFinished: () => this.#forget(entry),
      },
    });
    const { clock } = this.#settings;
    const confirmTimer = clock.setTimer(() => this.#forgetUnconfirmed(entry), this.#handshakeMs);
    const address = hostOf(link.stream.remote);
    const core = Session.core(session);
    const entry: Entry<Send, Receive> = { key, session, core, address, isConfirmed: false, confirmTimer };
    return entry;
  }

  #resume(link: SessionLink, asked: Asked & { readonly kind: "resume" }, handshake: ServerHandshake): void {
    const entry = this.#registry.find(asked.key.id);
    if (entry === undefined) {
      this.#turnAway(link, handshake.reject("unknown", "there is no such session"));
      return;
    }
    const { core } = entry;
    // Before our own count is read: what still came over the old link would be acknowledged and lost.
    core.pump.cut();
    if (!core.pump.machine.mayHaveReceived(asked.received)) {
      const reason = `the client cannot have received ${asked.received}`;
      this.#turnAway(link, handshake.reject("protocol", reason));
      core.end({ by: "remote", code: "protocol", reason });
      return;
    }
    this.#registry.attached(entry);
    entry.address = hostOf(link.stream.remote);
    link.write(written(handshake.resumed(core.pump.machine.received)));
    core.pump.machine.confirm();
    core.attach(link, asked.received, asked.rest);
  }

  #onConfirmed(entry: Entry<Send, Receive>): void {
    entry.isConfirmed = true;
    this.#settings.clock.clearTimer(entry.confirmTimer);
    this.#running.set(entry.session, this.#run(entry.session));
    if (this.#stop.signal.aborted) {
      entry.core.pump.machine.goAway({
        reason: "the server is draining",
        retryAfterMs: this.#retryAfterMs(),
      });
    }
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

  #onDetached(entry: Entry<Send, Receive>): void {
    if (!entry.isConfirmed) return;
    const isOver = entry.core.over !== undefined;
    if (isOver && !entry.core.pump.machine.isDone) {
      this.#forget(entry);
      return;
    }
    const keepMs = isOver ? Math.min(doneMs, this.#ttlMs) : this.#ttlMs;
    const evicted = this.#registry.detached(entry, keepMs, () => this.#expire(entry));
    if (evicted === undefined) return;
    this.#evicted += 1;
    const reason = "evicted: too many sessions without a link";
    evicted.core.end({ by: "local", code: "evicted", reason });
    this.#forget(evicted);
  }

  #expire(entry: Entry<Send, Receive>): void {
    const { core } = entry;
    if (core.pump.machine.isCleanIfGone) core.endCleanly();
    else core.end({ by: "network", code: "expired", reason: `expired: no link for ${this.#ttlMs} ms` });
    this.#forget(entry);
  }

  #onClosed(entry: Entry<Send, Receive>): void {
    this.#settings.clock.clearTimer(entry.confirmTimer);
    // A session that ended at once, or whose handler never ran, cannot be resumed.
    if (!entry.core.pump.machine.isDone) this.#forget(entry);
  }

  /** The client never said that it has the session, so nobody was told of it. */
  #forgetUnconfirmed(entry: Entry<Send, Receive>): void {
    entry.core.end({ by: "remote", code: "expired", reason: `no ACK within ${this.#handshakeMs} ms` });
    this.#forget(entry);
  }

  #forget(entry: Entry<Send, Receive>): void {
    this.#settings.clock.clearTimer(entry.confirmTimer);
    this.#registry.remove(entry);
  }

  #turnAway(link: SessionLink, answer: Uint8Array): void {
    this.#reception.turnAway(link, answer);
  }

  /** Failures are limited per address, and cost nobody else anything: neither new sessions nor proven ones are refused. */
  #onRefused(link: SessionLink, code: string, reason: string): void {
    const address = hostOf(link.stream.remote);
    if (!this.#failures.count(address)) link.cut();
    this.#doors.refuse(`${code}: ${reason}`);
  }

  #retryAfterMs(): number {
    return Math.round(retryAfterMsMin + this.#settings.random() * (retryAfterMsMax - retryAfterMsMin));
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
  const { backlog, connectionsMax, connectionsPerAddressMax, observer, clock, network, family, signal } =
    options;
  const doorOptions = {
    backlog,
    connectionsMax,
    connectionsPerAddressMax,
    observer,
    clock,
    network,
    family,
    signal,
  };
  const doors = await Doors.open<Uint8Array, Uint8Array, Uint8Array>(endpoints, doorOptions, turnedAwayMax);
  return new SessionServer(doors, handler, settings, options);
}

function random(bytes: number): Uint8Array {
  return randomFillSync(new Uint8Array(bytes));
}

function warn(error: unknown, { local }: { readonly local: string }): void {
  if (error instanceof SocketError) return;
  const reason = error instanceof Error ? error.stack : String(error);
  reportMistake(
    `the handler of a session at ${local} failed, and the session was aborted; pass onError to be told: ${reason}`,
  );
}
