// The HTTP door: the page and its files, the hub's health, and sessions by WebSocket, at one address.
// Invariant: whoever is refused, and why, is counted and told of like any other refusal; a refusal costs nobody else anything.

import http from "node:http";
import type { Duplex } from "node:stream";
import { type ListenerStats, trustedBy } from "../../connection/doors.js";
import { Gate } from "../../connection/gate.js";
import type { BehindProxyOptions } from "../../connection/options.js";
import type { Clock } from "../../core/clock.js";
import { UsageError } from "../../core/errors.js";
import type { LifecycleObserver } from "../../core/lifecycle.js";
import { limit, limits } from "../../core/limits.js";
import { turnAway } from "../../transport/http-answer.js";
import { type HttpListener, httpPeerOf, listenHttp } from "../../transport/http-listener.js";
import type { TlsOptions } from "../../transport/tls/options.js";
import { Allowed } from "./allowed.js";
import { pageFolder, readAssets } from "./assets.js";
import { httpUrlOf, parseHttpUrl } from "./http-url.js";
import { type HttpAnswer, type HttpRequest, pathOf, type SessionPath, Site } from "./site.js";

export interface HttpDoorOptions extends BehindProxyOptions {
  /** `http://127.0.0.1:12380`, `https://…`. */
  readonly url: string;
  readonly hosts?: readonly string[] | undefined;
  readonly origins?: readonly string[] | undefined;
  readonly tls?: TlsOptions | undefined;
  readonly connectionsMax?: number | undefined;
  readonly connectionsPerAddressMax?: number | undefined;
  readonly observer: LifecycleObserver;
  readonly clock: Clock;
  /** Where the built page is, if not beside the hub. */
  readonly pageFolder?: URL | undefined;
}

/** Where WebSockets that were let in go: to whoever attached to it, by path. It never listens itself. */
export type Upgrades = http.Server;

/** Above the bound, so that sessions which find no place can be told to come again. */
const turnedAwayMax = 16;

export class HttpDoor {
  readonly #listener: HttpListener;
  readonly #gate: Gate;
  readonly #upgrades: Upgrades = http.createServer();
  readonly #site: Site;
  readonly #clock: Clock;
  #isDraining = false;
  /** Whether sessions still come back there, once it drains. */
  mayResume: (path: SessionPath) => boolean = () => false;

  private constructor(listener: HttpListener, gate: Gate, site: Site, clock: Clock) {
    this.#listener = listener;
    this.#gate = gate;
    this.#site = site;
    this.#clock = clock;
  }

  /** @throws UsageError as every door's listening does. */
  static async open(options: HttpDoorOptions): Promise<HttpDoor> {
    const { clock, observer, tls, hosts = [], origins = [] } = options;
    const endpoint = parseHttpUrl(options.url);
    const allowed = new Allowed({ host: endpoint.host, hosts, origins });
    const trustedProxies = trustedBy(options);
    const gate = new Gate(
      {
        connectionsMax: limit("connectionsMax", options.connectionsMax),
        connectionsPerAddressMax: limit("connectionsPerAddressMax", options.connectionsPerAddressMax),
        turnedAwayMax,
        trustedProxies,
      },
      clock,
      observer,
    );
    const site = new Site({
      allowed,
      assets: readAssets(options.pageFolder ?? pageFolder),
      isDraining: () => door.#isDraining,
    });
    const listening = listenHttp(
      endpoint,
      {
        clock,
        observer,
        tls,
        readBytesMax: limits.readBytesMax,
        noDelay: true,
        backlog: limits.backlog,
        family: undefined,
        reservedMax: 0,
        trustedProxies,
        proxyProtocol: options.proxyProtocol,
        admit: gate.admit.bind(gate),
        leave: gate.leave.bind(gate),
        rename: gate.rename.bind(gate),
        onRefused: gate.refuse.bind(gate),
      },
      (request, response) => door.#answer(request, response),
    );
    const listener = await listening.catch((error) => {
      throw namedAsUrl(error);
    });
    const door = new HttpDoor(listener, gate, site, clock);
    listener.server.on("upgrade", (request, socket, head) => door.#upgrade(request, socket, head));
    return door;
  }

  /** With the port that was chosen. */
  get url(): string {
    return httpUrlOf(this.#listener.endpoint);
  }

  get stats(): ListenerStats {
    const { open, accepted, refused } = this.#gate;
    return { open, accepted, refused };
  }

  get upgrades(): Upgrades {
    return this.#upgrades;
  }

  /** `/ready` says so from now on, and nobody new comes in. */
  drain(): void {
    this.#isDraining = true;
  }

  async close(): Promise<void> {
    this.#gate.close();
    await this.#listener.close();
  }

  #answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const asked = requestOf(request);
    const answer = this.#site.answer(asked);
    this.#count(answer);
    // What comes with other methods is not read.
    const isRead = asked.method === "GET" || asked.method === "HEAD";
    response.writeHead(answer.status, isRead ? answer.headers : { ...answer.headers, Connection: "close" });
    response.end(answer.body);
  }

  #upgrade(request: http.IncomingMessage, socket: Duplex, head: Buffer): void {
    const asked = requestOf(request);
    const answer = this.#upgradeAnswer(asked);
    if (answer === undefined) {
      this.#upgrades.emit("upgrade", request, socket, head);
      return;
    }
    this.#count(answer);
    httpPeerOf(socket)?.upgraded();
    const { "Content-Length": _, ...headers } = answer.headers;
    const text = decoder.decode(answer.body).trimEnd();
    turnAway(socket, this.#clock, answer.status, text, { ...headers, Connection: "close" });
  }

  /** What is answered instead of an upgrade; undefined if it may come in. */
  #upgradeAnswer(asked: HttpRequest): HttpAnswer | undefined {
    // Some clients offer HTTP/2 with whatever they ask for (RFC 7540 section 3.2).
    if (asked.headers.upgrade?.toLowerCase() !== "websocket") return this.#site.answer(asked);
    const refusal = this.#site.upgradeRefusal(asked);
    if (refusal !== undefined || !this.#isDraining) return refusal;
    return this.mayResume(pathOf(asked.url) as SessionPath) ? undefined : this.#site.closing;
  }

  #count({ status, refusal }: HttpAnswer): void {
    if (refusal !== undefined) this.#gate.refuse(`HTTP ${status}: ${refusal}`, this.#listener);
  }
}

/** What is spoken there is HTTP, whatever else may follow. */
function namedAsUrl(error: unknown): unknown {
  if (!(error instanceof UsageError) || error.endpoint === undefined) return error;
  const { reason, op, endpoint, advice, code } = error;
  return new UsageError(reason, { op, endpoint: httpUrlOf(endpoint), advice, cause: error }, code);
}

function requestOf({ method = "", url = "", headers }: http.IncomingMessage): HttpRequest {
  return { method, url, headers };
}

const decoder = new TextDecoder();
