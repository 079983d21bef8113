// Which requests are meant for this hub: by the host that they name, and by the page that makes them.
// Invariant: a name that somebody else's DNS leads here (rebinding), and a page of somebody else's (cross-site WebSocket
// hijacking), are let in only if the hub's operator has named them.

import { isIpv4, isIpv6, isLoopback } from "../../core/endpoint.js";
import { UsageError } from "../../core/errors.js";

/** The headers of a request, by lower-case name. */
export interface RequestHeaders {
  readonly [name: string]: string | readonly string[] | undefined;
}

export interface AllowedOptions {
  /** Where the hub listens. */
  readonly host: string;
  /** Further names that lead here, without a port. */
  readonly hosts: readonly string[];
  /** Further pages that may connect, `https://app.example`; `*`: all. */
  readonly origins: readonly string[];
}

const everyInterface = ["*", "0.0.0.0", "::"];

export class Allowed {
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;
  /** It listens on every interface, so each of its addresses is its own; and no DNS leads to an address. */
  readonly #anyAddress: boolean;

  /** @throws UsageError for a name or an origin that is none. */
  constructor({ host, hosts, origins }: AllowedOptions) {
    this.#hosts = new Set([host, ...hosts.map(checkedHost)].map((name) => name.toLowerCase()));
    this.#origins = new Set(origins.map(checkedOrigin));
    this.#anyAddress = everyInterface.includes(host);
  }

  /** The host and port that the request names, if they are ours. */
  authority({ host }: RequestHeaders): string | undefined {
    const [authority, name] = typeof host === "string" ? (authorityOf(host) ?? []) : [];
    if (authority === undefined || name === undefined) return undefined;
    const isAddress = isIpv4(name) || isIpv6(name);
    const isOurs = isLoopback(name) || name.endsWith(".localhost") || this.#hosts.has(name);
    return isOurs || (this.#anyAddress && isAddress) ? authority : undefined;
  }

  /** Whether the page that makes the request may. Programs that are no browsers name none. */
  mayConnect({ origin }: RequestHeaders, authority: string): boolean {
    if (origin === undefined || this.#origins.has("*")) return true;
    const page = typeof origin === "string" ? urlOf(origin) : undefined;
    if (page === undefined || page.origin !== origin) return false;
    // Of this very host and port: behind a proxy the scheme may be another.
    return this.#origins.has(origin) || page.host === urlOf(`${page.protocol}//${authority}`)?.host;
  }
}

/** `name:port`, and the name alone without brackets; undefined for what is no host. */
function authorityOf(text: string): [authority: string, name: string] | undefined {
  const [, name, address] = /^(?:([\w.-]{1,253})|\[([\da-f:.]{2,45})\])(?::\d{1,5})?$/i.exec(text) ?? [];
  const host = name ?? address;
  return host === undefined ? undefined : [text.toLowerCase(), host.toLowerCase()];
}

function checkedHost(host: string): string {
  const [authority, name] = authorityOf(host) ?? [];
  if (authority !== undefined && (authority === name || authority === `[${name}]`)) return name as string;
  throw new UsageError(`hosts: ${JSON.stringify(host)} is no name of a host`, {
    op: "createHub",
    advice: 'write it without scheme and port: "hub.example"',
  });
}

function checkedOrigin(origin: string): string {
  if (origin === "*" || urlOf(origin)?.origin === origin) return origin;
  throw new UsageError(`origins: ${JSON.stringify(origin)} is no origin`, {
    op: "createHub",
    advice: 'write scheme, host and, unless it is the usual one, port: "https://app.example"',
  });
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
