// All doors of a hub: opened together, counted together, and closed together.
// Invariant: a hub that could not open all of its doors has none open.

import { type DrainResult, type Server, serve } from "../connection/serve.js";
import type { Clock } from "../core/clock.js";
import { type LifecycleObserver, tell } from "../core/lifecycle.js";
import { serveSessions } from "../session/index.js";
import type { SessionServer } from "../session/serve-sessions.js";
import type { HubOptions } from "./create-hub.js";
import { HttpDoor } from "./http/http-door.js";
import type { Ledger } from "./live/ledger.js";
import type { LiveSocket } from "./page/messages.js";
import { type PageHall, pageDoorLimits, visitByPage } from "./page/page-door.js";
import { type PlainDoor, visitPlainly } from "./plain-door.js";
import { sessionDoorLimits, visitBySession } from "./session-door.js";

export interface DoorsStats {
  /** Connections and links that are open now, that were let in, that were turned away at a bound. */
  readonly open: number;
  readonly accepted: number;
  readonly refused: number;
}

type DoorsOptions = HubOptions & { readonly clock: Clock };

/** The most read of a visitor at once: a few lines, so that all are heard in turn. */
const chunkBytesMax = 16_384;

export class HubDoors {
  readonly #ledger: Ledger;
  plain: Server | undefined;
  sessions: SessionServer | undefined;
  http: HttpDoor | undefined;
  /** Where sessions come in through the HTTP door. */
  #byHttp: SessionServer[] = [];

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** @throws UsageError as `createHub` does; none is open then. */
  async open(hall: PlainDoor & PageHall, options: DoorsOptions): Promise<void> {
    const { plain, endpoints = [], http } = options;
    try {
      if (plain !== undefined) this.plain = await this.#openPlain(plain, hall, options);
      if (endpoints.length > 0) this.sessions = await this.#openSessions(endpoints, hall, options);
      if (http !== undefined) await this.#openHttp(http, hall, options);
    } catch (error) {
      await this.drain({ deadlineMs: 0 });
      throw error;
    }
  }

  get stats(): DoorsStats {
    const sum = { open: 0, accepted: 0, refused: 0 };
    for (const door of [this.plain, this.sessions, this.http]) {
      if (door === undefined) continue;
      const { open, accepted, refused } = door.stats;
      sum.open += open;
      sum.accepted += accepted;
      sum.refused += refused;
    }
    // Their connections are the HTTP door's; some of them they turn away themselves.
    for (const door of this.#byHttp) sum.refused += door.stats.refused;
    return sum;
  }

  /** Sessions, with a link or without. */
  get sessionCount(): number {
    return [this.sessions, ...this.#byHttp].reduce((sum, door) => sum + (door?.stats.sessions ?? 0), 0);
  }

  async drain(options?: { readonly deadlineMs?: number }): Promise<DrainResult> {
    this.http?.drain();
    const drained = await Promise.all(
      [this.plain, this.sessions, ...this.#byHttp].map((door) => door?.drain(options)),
    );
    // Until then it says that the hub drains, and lets sessions come back whose links break.
    await this.http?.close();
    return { cut: drained.reduce((total, result) => total + (result?.cut ?? 0), 0) };
  }

  #openPlain(endpoint: string, door: PlainDoor, options: DoorsOptions): Promise<Server> {
    return serve(endpoint, (connection, { signal }) => visitPlainly(connection, door, signal), {
      ...this.#shared("plain", options),
      idleTimeoutMs: options.idleTimeoutMs,
      sendBufferBytes: door.sendBufferBytes,
      readBytesMax: chunkBytesMax,
      receiveBufferBytes: chunkBytesMax,
    });
  }

  #openSessions(endpoints: readonly string[], hall: PageHall, options: DoorsOptions): Promise<SessionServer> {
    return serveSessions(endpoints, (session, { signal }) => visitBySession(session, hall, signal), {
      ...this.#shared("session", options),
      random: options.random,
      sessionTtlMs: options.sessionTtlMs,
      limits: sessionDoorLimits,
    });
  }

  async #openHttp(url: string, hall: PageHall, options: DoorsOptions): Promise<void> {
    const { hosts, origins, random, sessionTtlMs } = options;
    const shared = this.#shared("http", options);
    const door = await HttpDoor.open({ ...shared, url, hosts, origins });
    this.http = door;
    // Whose pages may connect, the door has judged.
    const webSocket = { origins: ["*"] };
    const attached = { ...shared, random, sessionTtlMs, webSocket, server: door.upgrades };
    const sessions = await serveSessions(
      "ws:/session",
      (session, { signal }) => visitBySession(session, hall, signal),
      { ...attached, limits: sessionDoorLimits },
    );
    this.#byHttp.push(sessions);
    const pages = await serveSessions(
      "ws:/page",
      (session, { signal }) => visitByPage(session, hall, signal),
      { ...attached, limits: pageDoorLimits },
    );
    this.#byHttp.push(pages);
    door.mayResume = (path) => (path === "/page" ? pages : sessions).stats.sessions > 0;
  }

  #shared(door: LiveSocket["door"], options: DoorsOptions) {
    const { clock, network, tls, connectionsMax, connectionsPerAddressMax } = options;
    const { trustedProxies, proxyProtocol } = options;
    const write = this.#ledger.observer(door);
    const observer: LifecycleObserver = (event) => {
      write(event);
      tell(options.observer, event);
    };
    const bounds = { connectionsMax, connectionsPerAddressMax };
    return { clock, network, tls, observer, trustedProxies, proxyProtocol, ...bounds };
  }
}
