// Who the client is behind HTTP proxies: `Forwarded` (RFC 7239) and `X-Forwarded-For`.
// Invariant: what a client wrote itself is never taken for what a proxy said: only what stands to the right of the first
// hop that is not trusted counts, since each proxy adds at the right.

import { addressBytes, addressText } from "../../core/address.js";
import { hostOf } from "../../core/endpoint.js";
import { ProtocolError, UsageError } from "../../core/errors.js";
import type { Ranges } from "../../core/ranges.js";
import type { ProxyAddress } from "./header.js";

/**
 * The address of the client, as the trusted proxies between it and us say; undefined where there is none or where they do
 * not say, so that the socket's own peer is all that is known. Port 0: it was not said.
 * @param remote The socket's own peer: `tcp://10.0.0.1:2345`, `unix:`.
 * @param headers By lower-case name; of several with one name a list, or one text with commas.
 * @throws ProtocolError if a trusted proxy passed on headers that are broken, or that contradict each other: then one of
 * them is the client's own invention, and nobody can say which.
 */
export function clientAddress(
  remote: string,
  headers: { readonly [name: string]: string | readonly string[] | undefined },
  trusted: Ranges,
): ProxyAddress | undefined {
  if (!trusted.hasPeer(remote)) return undefined;
  const [forwarded, forwardedFor] = ["forwarded", "x-forwarded-for"].map((name) => {
    const written = headers[name];
    return typeof written === "object" ? written.join(",") : written;
  });
  const byForwarded = forwarded === undefined ? undefined : walk(elements(forwarded), trusted);
  const byForwardedFor =
    forwardedFor === undefined ? undefined : walk(forwardedFor.split(",").map(nodeOf), trusted);
  if (forwarded !== undefined && forwardedFor !== undefined && byForwarded?.host !== byForwardedFor?.host) {
    throw new ProtocolError(
      "ERR_INVALID_BYTES",
      "remote",
      "Forwarded and X-Forwarded-For name different clients",
      {
        advice: "have the proxy remove the one that it does not set",
      },
    );
  }
  return byForwarded ?? byForwardedFor;
}

/** What `forwarded` says. */
export interface ForwardedOptions {
  /** Who the client is, as connections name it: `connection.remote`. */
  readonly for: string;
  /** What it came by: `http`, `https`. */
  readonly proto?: string | undefined;
  /** The host it asked for. */
  readonly host?: string | undefined;
}

/**
 * The value of a `Forwarded` header (RFC 7239), for whoever dials on behalf of others:
 * `webSocket: { headers: { Forwarded: forwarded({ for: connection.remote }) } }`.
 * @throws UsageError for text that has no place in a header.
 */
export function forwarded(options: ForwardedOptions): string {
  return (
    [
      ["for", nodeText(options.for)],
      ["proto", options.proto],
      ["host", options.host],
    ] as const
  )
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${quoted(name, value)}`]))
    .join(";");
}

/** From the right: each proxy named the peer it had, so the first that is no proxy of ours is the client. */
function walk(hops: readonly (ProxyAddress | undefined)[], trusted: Ranges): ProxyAddress | undefined {
  let client: ProxyAddress | undefined;
  for (const hop of hops.toReversed()) {
    // `unknown`, and names that a proxy made up: so far it is known, and no farther.
    if (hop === undefined) return client;
    client = hop;
    if (!trusted.has(hop.host)) return client;
  }
  return client;
}

const token = "[\\w!#$%&'*+.^`|~-]+";
// Not every proxy quotes an address with colons as it should.
const value = `"(?:[^"\\\\]|\\\\.)*"|[\\w!#$%&'*+.^\`|~:[\\]-]+`;
/** Behind it stands a separator, or nothing. */
const pair = new RegExp(`(${token})=(${value})[ \\t]*(?=[,;]|$)`, "y");

/** Each element's `for`, in order. */
function elements(header: string): (ProxyAddress | undefined)[] {
  const hops: (ProxyAddress | undefined)[] = [];
  let pairs = new Map<string, string>();
  const finish = () => {
    if (pairs.size > 0) hops.push(nodeOf(pairs.get("for") ?? "unknown"));
    pairs = new Map();
  };
  for (let at = 0; at < header.length; ) {
    const separator = /[,; \t]/.exec(header.charAt(at))?.[0];
    if (separator !== undefined) {
      if (separator === ",") finish();
      at += 1;
      continue;
    }
    pair.lastIndex = at;
    const [matched, written = "", text = ""] = pair.exec(header) ?? [];
    const name = written.toLowerCase();
    // An open quote of the client's would swallow what the proxy has added; then the rest does not fit.
    if (matched === undefined || pairs.has(name)) {
      throw new ProtocolError("ERR_INVALID_BYTES", "remote", "the Forwarded header is broken");
    }
    pairs.set(name, text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, "$1") : text);
    at = pair.lastIndex;
  }
  finish();
  return hops;
}

/** An address, with a port or without (RFC 7239 section 6); undefined for `unknown` and for names made up. */
function nodeOf(written: string): ProxyAddress | undefined {
  const text = written.trim();
  const [, ipv6, ipv4 = text, port = "0"] =
    /^(?:\[(.*)\]|([\d.]+))(?::(\d{1,5}|_[\w.-]+))?$/.exec(text) ?? [];
  const host = ipv6 ?? ipv4;
  const bytes = host.includes("%") ? undefined : addressBytes(host);
  if (bytes === undefined) return undefined;
  // A port may be a name made up, too.
  return { host: addressText(bytes), port: Number(port) <= 0xffff ? Number(port) : 0 };
}

function nodeText(remote: string): string {
  const host = hostOf(remote);
  if (host === undefined || addressBytes(host) === undefined) return "unknown";
  const [, authority = ""] = remote.split("://");
  return authority.replace(/%.*\]/, "]");
}

function quoted(name: string, text: string): string {
  if (new RegExp(`^${token}$`).test(text)) return text;
  if (!/^[ -~]+$/.test(text)) {
    throw new UsageError(`"${text}" has no place in a header, as ${name} of Forwarded`);
  }
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
