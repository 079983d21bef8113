// The hub: its doors, the room behind them, and how they close together.
// Invariant: options are checked before anything is opened; a hub that could not open all of its doors has none open.

import type { DrainResult } from "../connection/serve.js";
import { type Clock, type Random, systemClock } from "../core/clock.js";
import { type LifecycleObserver, tell } from "../core/lifecycle.js";
import { limit } from "../core/limits.js";
import type { MemoryNetwork } from "../transport/memory.js";
import type { TlsOptions } from "../transport/tls/options.js";
import { AdminGuard } from "./admin-guard.js";
import { checkOptions } from "./check-options.js";
import { type DoorsStats, HubDoors } from "./doors.js";
import type { HubEvent, HubEventName, HubObserver } from "./events.js";
import { LabDesk, runLab } from "./lab-desk.js";
import { Ledger } from "./live/ledger.js";
import { Live } from "./live/live.js";
import { Pace } from "./pace.js";
import { Room } from "./room.js";
import { Visitors } from "./visitors.js";

/** Sizes in bytes, times in milliseconds; the defaults are in `limits`. */
export interface HubOptions {
  /** Where sessions take part in the room: `["tcp://127.0.0.1:12346"]`, `["unix:/path", …]`. Default: nowhere. */
  readonly endpoints?: readonly string[];
  /** Where any program takes part in the room: `tcp://127.0.0.1:12345`, `unix:/path`, `memory:name`. Default: nowhere. */
  readonly plain?: string;
  /** Where browsers come: `http://127.0.0.1:12380`, or `https://…` with `tls`. Default: nowhere. */
  readonly http?: string;
  /** Names that lead to the HTTP door besides its own and this machine's, without a port. Others are refused. */
  readonly hosts?: readonly string[];
  /** Pages that may connect besides the door's own: `https://app.example`; `*`: all. */
  readonly origins?: readonly string[];
  /** The certificate and key of doors at `tls://` and `https://`. */
  readonly tls?: TlsOptions;
  /**
   * Proxies in front of the doors, whose word on who their clients are counts (`Forwarded` at the HTTP door, a PROXY header
   * where `proxyProtocol` says so): `["loopback", "10.0.0.0/8", "unix"]`. Default: nobody's.
   */
  readonly trustedProxies?: readonly string[];
  /** What they connect begins with a PROXY header, at each door. */
  readonly proxyProtocol?: boolean;
  /** What lets a page cut, throttle and disconnect others: at least 16 characters. Without it none may. */
  readonly adminCode?: string;
  /** The silence that ends a message without a newline; 0: none does. */
  readonly plainQuietMs?: number;
  /** The longest message, at any door. */
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

export interface HubStats extends DoorsStats {
  /** In the room now. */
  readonly members: number;
  /** How often each event has happened. */
  readonly events: Readonly<Record<HubEventName, number>>;
}

/** The longest that a member waits before it speaks because of what others have said. */
const sharedDebtMsMax = 1_000;

/**
 * Opens a hub.
 * @throws UsageError: a bad option or endpoint, an address in use or one that this process may not have, a door that
 * others than this machine could read.
 */
export async function createHub(options: HubOptions): Promise<Hub> {
  checkOptions(options);
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
  const visitors = new Visitors();
  const ledger = new Ledger(clock);
  const doors = new HubDoors(ledger);
  const totals = () => ({
    ...doors.stats,
    sessions: doors.sessionCount,
    members: room.size,
    ...visitors.moved,
  });
  const guard = new AdminGuard(options.adminCode, clock);
  const hall = {
    room,
    visitors,
    pace: new Pace(paceBytes, clock.now(), sharedDebtMsMax),
    paceBytes,
    clock,
    onEvent: count,
    lineBytesMax: limit("plainLineBytesMax", options.plainLineBytesMax),
    quietMs: limit("plainQuietMs", options.plainQuietMs),
    greetingMs: limit("plainGreetingMs", options.plainGreetingMs),
    sendBufferBytes: limit("sendBufferBytes", options.sendBufferBytes),
    pageUrl: () => doors.http?.url ?? "",
    live: new Live({ ledger, visitors, totals, clock, guard }),
    lab: new LabDesk(runLab),
  };
  await doors.open(hall, { ...options, clock });
  return new Hub({ doors, room, counts });
}

/** What a hub is made of. */
interface HubParts {
  readonly doors: HubDoors;
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
    return this.#parts.doors.sessions?.endpoints ?? [];
  }

  /** The plain door, with the port that was chosen; empty if there is none. */
  get plain(): string {
    return this.#parts.doors.plain?.endpoint ?? "";
  }

  /** The HTTP door, `http://127.0.0.1:12380`, with the port that was chosen; empty if there is none. */
  get http(): string {
    return this.#parts.doors.http?.url ?? "";
  }

  get stats(): HubStats {
    const { doors, room, counts } = this.#parts;
    return { members: room.size, ...doors.stats, events: { ...counts } };
  }

  /** Tells the members, lets nobody in, sends what is queued, and cuts what is left after `deadlineMs`. */
  async drain(options?: { readonly deadlineMs?: number }): Promise<DrainResult> {
    const { doors, room } = this.#parts;
    room.close();
    return doors.drain(options);
  }

  /** The same without waiting for anybody. */
  async close(): Promise<void> {
    await this.drain({ deadlineMs: 0 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drain().then(() => {});
  }
}
