// The hub: its doors, the room behind them, and how they close together.
// Invariant: options are checked before anything is opened; a hub that could not open all of its doors has none open.

import { type DrainResult, type Server, serve } from "../connection/serve.js";
import { type Clock, type Random, systemClock } from "../core/clock.js";
import { formatEndpoint, isLoopback, parseEndpoint } from "../core/endpoint.js";
import { UsageError } from "../core/errors.js";
import { type LifecycleObserver, tell } from "../core/lifecycle.js";
import { limit } from "../core/limits.js";
import { serveSessions } from "../session/index.js";
import type { SessionServer } from "../session/serve-sessions.js";
import type { MemoryNetwork } from "../transport/memory.js";
import type { HubEvent, HubEventName, HubObserver } from "./events.js";
import { Pace } from "./pace.js";
import { type PlainDoor, visitPlainly } from "./plain-door.js";
import { Room } from "./room.js";
import { sessionDoorLimits, visitBySession } from "./session-door.js";
import type { Hall } from "./visitor.js";
import { Visitors } from "./visitors.js";

/** Sizes in bytes, times in milliseconds; the defaults are in `limits`. */
export interface HubOptions {
  /** Where sessions take part in the room: `["tcp://127.0.0.1:12346"]`, `["unix:/path", …]`. Default: nowhere. */
  readonly endpoints?: readonly string[];
  /** Where any program takes part in the room: `tcp://127.0.0.1:12345`, `unix:/path`, `memory:name`. Default: nowhere. */
  readonly plain?: string;
  /** The silence that ends a message without a newline; 0: none does. */
  readonly plainQuietMs?: number;
  /** The longest message, at either door. */
  readonly plainLineBytesMax?: number;
  /** How long a peer may speak first before it is greeted. */
  readonly plainGreetingMs?: number;
  /** What the room says in a second, at most, its work counted in. */
  readonly roomPaceBytes?: number;
  /** Lines that whoever joins is shown. */
  readonly roomHistoryMax?: number;
  /** Members up to which everyone is told who comes and goes. */
  readonly roomNoticesMax?: number;
  /** What is queued for a member at the plain door that does not read, before it is disconnected. */
  readonly sendBufferBytes?: number;
  /** How long a member by session may be without a link, before it leaves. */
  readonly sessionTtlMs?: number;
  /** At each kind of door. */
  readonly connectionsMax?: number;
  readonly connectionsPerAddressMax?: number;
  /** Cut a member at the plain door when no byte has moved either way for this long. Default 0: never. */
  readonly idleTimeoutMs?: number;
  /** Listen in the clear where others than this machine can connect. */
  readonly allowCleartext?: boolean;
  /** Told of what happens in the room. */
  readonly onEvent?: HubObserver;
  /** Told of each step in the life of each socket, as everywhere. */
  readonly observer?: LifecycleObserver;
  readonly clock?: Clock;
  readonly random?: Random;
  /** The network that `memory:` endpoints are on; a simulated one comes from `holdfast/testing`. */
  readonly network?: MemoryNetwork;
}

export interface HubStats {
  /** In the room now. */
  readonly members: number;
  /** Connections and links that are open now, that were let in, that were turned away at a bound. */
  readonly open: number;
  readonly accepted: number;
  readonly refused: number;
  /** How often each event has happened. */
  readonly events: Readonly<Record<HubEventName, number>>;
}

/** The most read of a visitor at once: a few lines, so that all are heard in turn. */
const chunkBytesMax = 16_384;
/** The longest that a member waits before it speaks because of what others have said. */
const sharedDebtMsMax = 1_000;

/**
 * Opens a hub.
 * @throws UsageError: a bad option or endpoint, an address in use or one that this process may not have, a door that
 * others than this machine could read.
 */
export async function createHub(options: HubOptions): Promise<Hub> {
  const { plain, endpoints } = checkedDoors(options);
  const { clock = systemClock, onEvent } = options;
  const counts = { joined: 0, renamed: 0, left: 0, slow: 0, "too-long": 0, http: 0, tls: 0 };
  const count = (event: HubEvent) => {
    counts[event.name] += 1;
    tell(onEvent, event);
  };
  const room = new Room({
    historyMax: limit("roomHistoryMax", options.roomHistoryMax),
    noticesMax: limit("roomNoticesMax", options.roomNoticesMax),
    onEvent: count,
  });
  const paceBytes = limit("roomPaceBytes", options.roomPaceBytes);
  const door: PlainDoor = {
    room,
    visitors: new Visitors(),
    pace: new Pace(paceBytes, clock.now(), sharedDebtMsMax),
    paceBytes,
    clock,
    onEvent: count,
    lineBytesMax: limit("plainLineBytesMax", options.plainLineBytesMax),
    quietMs: limit("plainQuietMs", options.plainQuietMs),
    greetingMs: limit("plainGreetingMs", options.plainGreetingMs),
    sendBufferBytes: limit("sendBufferBytes", options.sendBufferBytes),
  };
  const plainServer = plain === undefined ? undefined : await openPlainDoor(plain, door, options);
  try {
    const sessions = endpoints.length === 0 ? undefined : await openSessionDoors(endpoints, door, options);
    return new Hub({ plain: plainServer, sessions, room, counts });
  } catch (error) {
    await plainServer?.drain({ deadlineMs: 0 });
    throw error;
  }
}

function openPlainDoor(endpoint: string, door: PlainDoor, options: HubOptions): Promise<Server> {
  return serve(endpoint, (connection, { signal }) => visitPlainly(connection, door, signal), {
    ...sharedByDoors(options),
    idleTimeoutMs: options.idleTimeoutMs,
    sendBufferBytes: door.sendBufferBytes,
    readBytesMax: chunkBytesMax,
    receiveBufferBytes: chunkBytesMax,
  });
}

function openSessionDoors(
  endpoints: readonly string[],
  hall: Hall,
  options: HubOptions,
): Promise<SessionServer> {
  return serveSessions(endpoints, (session, { signal }) => visitBySession(session, hall, signal), {
    ...sharedByDoors(options),
    random: options.random,
    sessionTtlMs: options.sessionTtlMs,
    limits: sessionDoorLimits,
  });
}

function sharedByDoors(options: HubOptions) {
  const { clock, network, observer, connectionsMax, connectionsPerAddressMax } = options;
  return { clock, network, observer, connectionsMax, connectionsPerAddressMax };
}

/** What a hub is made of. */
interface HubParts {
  readonly plain: Server | undefined;
  readonly sessions: SessionServer | undefined;
  readonly room: Room;
  readonly counts: Record<HubEventName, number>;
}

export class Hub implements AsyncDisposable {
  readonly #parts: HubParts;

  /** Not for users: `createHub` makes hubs. */
  constructor(parts: HubParts) {
    this.#parts = parts;
  }

  /** Where sessions connect, with the ports that were chosen; in the order given. */
  get endpoints(): string[] {
    return this.#parts.sessions?.endpoints ?? [];
  }

  /** The plain door, with the port that was chosen; empty if there is none. */
  get plain(): string {
    return this.#parts.plain?.endpoint ?? "";
  }

  get stats(): HubStats {
    const { plain, sessions, room, counts } = this.#parts;
    const doors = [plain, sessions].map((door) => door?.stats ?? { open: 0, accepted: 0, refused: 0 });
    const sum = (name: "open" | "accepted" | "refused") =>
      doors.reduce((total, stats) => total + stats[name], 0);
    return {
      members: room.size,
      open: sum("open"),
      accepted: sum("accepted"),
      refused: sum("refused"),
      events: { ...counts },
    };
  }

  /** Tells the members, lets nobody in, sends what is queued, and cuts what is left after `deadlineMs`. */
  async drain(options?: { readonly deadlineMs?: number }): Promise<DrainResult> {
    const { plain, sessions, room } = this.#parts;
    room.close();
    const drained = await Promise.all([plain?.drain(options), sessions?.drain(options)]);
    return { cut: drained.reduce((total, result) => total + (result?.cut ?? 0), 0) };
  }

  /** The same without waiting for anybody. */
  async close(): Promise<void> {
    await this.drain({ deadlineMs: 0 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drain().then(() => {});
  }
}

/** Doors that are planned: whoever asks for one must not believe to have it. */
const planned = ["http", "contract", "backplane", "store", "authenticate", "authorize"];

function checkedDoors(options: HubOptions): {
  readonly plain: string | undefined;
  readonly endpoints: readonly string[];
} {
  const early = planned.find((name) => Object.hasOwn(options, name));
  if (early !== undefined)
    throw new UsageError(`createHub: ${early} is not built yet`, { advice: "leave it out" });
  const { plain, endpoints = [] } = options;
  if (!Array.isArray(endpoints)) {
    throw new UsageError("createHub: endpoints is no list", {
      advice: 'pass endpoints: ["tcp://127.0.0.1:12346"]',
    });
  }
  const doors = plain === undefined ? endpoints : [plain, ...endpoints];
  if (doors.length === 0) {
    throw new UsageError("createHub: there is no door", {
      advice: 'pass endpoints: ["tcp://127.0.0.1:12346"], plain: "tcp://127.0.0.1:12345", or both',
    });
  }
  for (const door of doors) checkCleartext(door, options);
  return { plain, endpoints };
}

function checkCleartext(door: string, { allowCleartext }: HubOptions): void {
  const endpoint = parseEndpoint(door);
  if (!("host" in endpoint) || isLoopback(endpoint.host) || allowCleartext === true) return;
  throw new UsageError("others than this machine could read and write what is said, in the clear", {
    op: "listen",
    endpoint: formatEndpoint(endpoint),
    advice: "use a loopback address, or allowCleartext (--allow-cleartext) if you mean it",
  });
}
