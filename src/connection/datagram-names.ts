// The two directions between names and addresses of datagrams, each remembered so that a datagram costs a look.
// Invariant: both memories are bounded; forgetting all of one at once keeps it so at no cost per datagram.

import { endpointOf, isIpv4, isIpv6, parseEndpoint } from "../core/endpoint.js";
import { type ErrorContext, UsageError } from "../core/errors.js";
import type { DatagramAddress } from "../transport/datagram.js";
import { resolve } from "../transport/resolve.js";

/** A peer's name is about 100 bytes, so that each memory stays near 100 KiB. */
const rememberedMax = 1024;

/** Where datagrams come from, as endpoints. */
export class Origins {
  readonly #known = new Map<string, Map<number, string>>();
  #count = 0;

  nameOf(host: string, port: number): string {
    return this.#known.get(host)?.get(port) ?? this.#remember(host, port);
  }

  #remember(host: string, port: number): string {
    if (this.#count >= rememberedMax) {
      this.#known.clear();
      this.#count = 0;
    }
    const name = endpointOf("udp", host, port);
    const ports = this.#known.get(host);
    if (ports === undefined) this.#known.set(host, new Map([[port, name]]));
    else ports.set(port, name);
    this.#count += 1;
    return name;
  }
}

/** The families that a socket can send to; both where it is bound to `::`. */
export type Reach = 4 | 6 | "both";

/** Where datagrams go to. A name is resolved once; what that gave holds as long as the socket. */
export class Targets {
  readonly #reach: Reach;
  readonly #known = new Map<string, DatagramAddress | Promise<DatagramAddress>>();

  constructor(reach: Reach) {
    this.#reach = reach;
  }

  /** At once if it is known or needs no name service. @throws UsageError; DisconnectedError for an unknown name. */
  find(endpoint: string): DatagramAddress | Promise<DatagramAddress> {
    const known = this.#known.get(endpoint);
    if (known !== undefined) return known;
    const found = this.#lookUp(endpoint);
    if (this.#known.size >= rememberedMax) this.#known.clear();
    this.#known.set(endpoint, found);
    if (found instanceof Promise) {
      found.then(
        (address) => this.#known.set(endpoint, address),
        // It may be there the next time.
        () => this.#known.delete(endpoint),
      );
    }
    return found;
  }

  #lookUp(text: string): DatagramAddress | Promise<DatagramAddress> {
    const context = { op: "send", endpoint: text };
    const { host, port } = udpTarget(text, context);
    if (isIpv4(host) || isIpv6(host)) return this.#reachable(host, port, context);
    const family = this.#reach === "both" ? undefined : this.#reach;
    return resolve(host, family, context).then(([first]) =>
      this.#reachable(first?.host ?? host, port, context),
    );
  }

  #reachable(host: string, port: number, context: ErrorContext): DatagramAddress {
    const family = host.includes(":") ? 6 : 4;
    if (family === this.#reach) return { host, port };
    // RFC 3493 section 3.7: how a socket of both families writes an IPv4 address.
    if (this.#reach === "both") return { host: family === 4 ? `::ffff:${host}` : host, port };
    const reason = `an IPv${this.#reach} socket cannot send to an IPv${family} address`;
    const advice = `bind to udp://*:0, or to an IPv${family} address`;
    throw new UsageError(reason, { ...context, advice }, "ERR_ADDRESS_NOT_AVAILABLE");
  }
}

/** The host and port of `text`. @throws UsageError for what nothing can be sent to. */
export function udpTarget(text: string, context: ErrorContext): DatagramAddress {
  const endpoint = parseEndpoint(text);
  if (endpoint.scheme !== "udp") {
    throw new UsageError(`datagrams go to udp://, not ${endpoint.scheme}:`, context);
  }
  if (endpoint.host === "*")
    throw new UsageError("* is for binding only", { ...context, advice: "name a host" });
  if (endpoint.port === 0) throw new UsageError("port 0 is for binding only", context);
  return endpoint;
}

/** One spelling for each address: what the system writes and what a user wrote then compare. */
export function canonicalHost(host: string): string {
  if (!isIpv6(host)) return host;
  const [address = "", ...zone] = host.split("%");
  return [new URL(`http://[${address}]`).hostname.slice(1, -1), ...zone].join("%");
}
