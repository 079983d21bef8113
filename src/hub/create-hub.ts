// The hub: its doors, the room behind them, and how they close together.
// Invariant: options are checked before anything is opened; a hub that could not open all of its doors has none open.

import { type DrainResult, type Server, serve } from "../connection/serve.js";
import { type Clock, systemClock } from "../core/clock.js";
import { formatEndpoint, isLoopback, parseEndpoint } from "../core/endpoint.js";
import { UsageError } from "../core/errors.js";
import { type LifecycleObserver, tell } from "../core/lifecycle.js";
import { limit } from "../core/limits.js";
import type { HubEvent, HubEventName, HubObserver } from "./events.js";
import { Pace } from "./pace.js";
import { type PlainDoor, visit } from "./plain-door.js";
import { Room } from "./room.js";

/** Sizes in bytes, times in milliseconds; the defaults are in `limits`. */
export interface HubOptions {
  /** Where any program takes part in the room: `tcp://127.0.0.1:12345`, `unix:/path`, `memory:name`. */
  readonly plain: string;
  /** The silence that ends a message without a newline; 0: none does. */
  readonly plainQuietMs?: number;
  /** The longest message at the plain door. */
  readonly plainLineBytesMax?: number;
  /** How long a peer may speak first before it is greeted. */
  readonly plainGreetingMs?: number;
  /** What the room says in a second, at most, its work counted in. */
  readonly roomPaceBytes?: number;
  /** Lines that whoever joins is shown. */
  readonly roomHistoryMax?: number;
  /** Members up to which everyone is told who comes and goes. */
  readonly roomNoticesMax?: number;
  /** What is queued for a member that does not read, before it is disconnected. */
  readonly sendBufferBytes?: number;
  readonly connectionsMax?: number;
  readonly connectionsPerAddressMax?: number;
  /** Cut a member when no byte has moved either way for this long. Default 0: never. */
  readonly idleTimeoutMs?: number;
  /** Listen in the clear where others than this machine can connect. */
  readonly allowCleartext?: boolean;
  /** Told of what happens in the room. */
  readonly onEvent?: HubObserver;
  /** Told of each step in the life of each socket, as everywhere. */
  readonly observer?: LifecycleObserver;
  readonly clock?: Clock;
}

export interface HubStats {
  /** In the room now. */
  readonly members: number;
  /** Connections that are open now, that were let in, that were turned away at a bound. */
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
  const plain = checkedPlain(options);
  const { clock = systemClock, onEvent, observer } = options;
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
  const sendBufferBytes = limit("sendBufferBytes", options.sendBufferBytes);
  const paceBytes = limit("roomPaceBytes", options.roomPaceBytes);
  const door: PlainDoor = {
    room,
    pace: new Pace(paceBytes, clock.now(), sharedDebtMsMax),
    paceBytes,
    clock,
    onEvent: count,
    lineBytesMax: limit("plainLineBytesMax", options.plainLineBytesMax),
    quietMs: limit("plainQuietMs", options.plainQuietMs),
    greetingMs: limit("plainGreetingMs", options.plainGreetingMs),
    sendBufferBytes,
  };
  const { connectionsMax, connectionsPerAddressMax, idleTimeoutMs } = options;
  const server = await serve(plain, (connection, { signal }) => visit(connection, door, signal), {
    clock,
    sendBufferBytes,
    readBytesMax: chunkBytesMax,
    receiveBufferBytes: chunkBytesMax,
    ...(observer === undefined ? {} : { observer }),
    ...(connectionsMax === undefined ? {} : { connectionsMax }),
    ...(connectionsPerAddressMax === undefined ? {} : { connectionsPerAddressMax }),
    ...(idleTimeoutMs === undefined ? {} : { idleTimeoutMs }),
  });
  return new Hub(server, room, counts);
}

export class Hub implements AsyncDisposable {
  readonly #plain: Server;
  readonly #room: Room;
  readonly #counts: Record<HubEventName, number>;

  /** Not for users: `createHub` makes hubs. */
  constructor(plain: Server, room: Room, counts: Record<HubEventName, number>) {
    this.#plain = plain;
    this.#room = room;
    this.#counts = counts;
  }

  /** Where sessions connect: none in this version. */
  get endpoints(): string[] {
    return [];
  }

  /** The plain door, with the port that was chosen. */
  get plain(): string {
    return this.#plain.endpoint;
  }

  get stats(): HubStats {
    return { members: this.#room.size, ...this.#plain.stats, events: { ...this.#counts } };
  }

  /** Tells the members, lets nobody in, sends what is queued, and cuts what is left after `deadlineMs`. */
  drain(options?: { readonly deadlineMs?: number }): Promise<DrainResult> {
    this.#room.close();
    return this.#plain.drain(options);
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
const planned = ["endpoints", "http", "contract", "backplane", "store", "authenticate", "authorize"];

function checkedPlain(options: HubOptions): string {
  const early = planned.find((name) => Object.hasOwn(options, name));
  if (early !== undefined)
    throw new UsageError(`createHub: ${early} is not built yet`, { advice: "leave it out" });
  if (options.plain === undefined) {
    throw new UsageError("createHub: there is no door", { advice: 'pass plain: "tcp://127.0.0.1:12345"' });
  }
  const endpoint = parseEndpoint(options.plain);
  if ("host" in endpoint && !isLoopback(endpoint.host) && options.allowCleartext !== true) {
    throw new UsageError("others than this machine could read and write what is said, in the clear", {
      op: "listen",
      endpoint: formatEndpoint(endpoint),
      advice: "use a loopback address, or allowCleartext (--allow-cleartext) if you mean it",
    });
  }
  return options.plain;
}
