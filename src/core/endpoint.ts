// Endpoints: parsed once at the border, typed from there on.
// Invariant: `formatEndpoint(parseEndpoint(text))` parses to the same endpoint again.

import { UsageError } from "./errors.js";

/** `tcp://`, `tls://` and `udp://`: a host and a port. */
export interface InternetEndpoint {
  readonly scheme: "tcp" | "tls" | "udp";
  /** A name, an IPv4 address, an IPv6 address without brackets, or `*` for every interface. */
  readonly host: string;
  /** 0 means "choose one" where something listens. */
  readonly port: number;
}

/** `ws://` and `wss://`: a host, a port and a path with its query; or `ws:/path`, at a server that is there already. */
export interface WebSocketEndpoint {
  readonly scheme: "ws" | "wss";
  /** Empty for `ws:/path`, whose port is 0. */
  readonly host: string;
  readonly port: number;
  /** Begins with `/`. */
  readonly path: string;
}

/** `unix:/path`: a socket in the file system. */
export interface UnixEndpoint {
  readonly scheme: "unix";
  readonly path: string;
}

/** `memory:name`: inside this process. */
export interface MemoryEndpoint {
  readonly scheme: "memory";
  readonly name: string;
}

export type Endpoint = InternetEndpoint | WebSocketEndpoint | UnixEndpoint | MemoryEndpoint;
export type Scheme = Endpoint["scheme"];

const schemes = ["tcp", "tls", "udp", "ws", "wss", "unix", "memory"] as const satisfies readonly Scheme[];
const defaultPorts: { readonly [scheme in string]?: number } = { ws: 80, wss: 443 };

/**
 * Reads `tcp://host:port`, `tls://…`, `udp://…`, `ws://host:port/path`, `wss://…`, `ws:/path` (at an HTTP server
 * of your own), `unix:/path`, `memory:name`; `host:port` means tcp, `:port` loopback, `*:port` every interface; IPv6 addresses stand in brackets.
 * @throws UsageError (`ERR_ENDPOINT`) that says which part is wrong.
 */
export function parseEndpoint(text: string): Endpoint {
  if (typeof text !== "string") {
    throw wrong(String(text), "it is no text", "write tcp://host:port");
  }
  if (text === "") throw wrong(text, "it is empty", "write tcp://host:port");
  const colon = text.indexOf(":");
  const written = text.slice(0, Math.max(colon, 0));
  const scheme = schemes.find((known) => known === written.toLowerCase());
  if (scheme === "unix") return unixEndpoint(text, text.slice(colon + 1));
  if (scheme === "memory") return memoryEndpoint(text, text.slice(colon + 1));
  if ((scheme === "ws" || scheme === "wss") && /^(?:\/(?!\/)|$)/.test(text.slice(colon + 1))) {
    return { scheme, host: "", port: 0, path: httpPath(text, text.slice(colon + 1)) };
  }
  if (text.includes("://")) {
    if (scheme === undefined) {
      const advice = /^https?$/i.test(written)
        ? `a WebSocket is ws${written.slice(4)}://…`
        : `use one of ${schemes.join(", ")}`;
      throw wrong(text, `there is no scheme "${written}"`, advice);
    }
    return internetEndpoint(text, scheme, text.slice(colon + 3));
  }
  // `tcp:host:1` is a slip of the pen, but `ws:8080` may be a host called ws.
  if (scheme !== undefined && !/^\d+$/.test(text.slice(colon + 1))) {
    throw wrong(text, `after "${written}:" two slashes are missing`, `write ${scheme}://…`);
  }
  return internetEndpoint(text, "tcp", text);
}

/** The endpoint as text, in its one canonical form. */
export function formatEndpoint(endpoint: Endpoint): string {
  switch (endpoint.scheme) {
    case "unix":
      return `unix:${endpoint.path}`;
    case "memory":
      return `memory:${endpoint.name}`;
    case "ws":
    case "wss":
      return endpoint.host === ""
        ? `${endpoint.scheme}:${endpoint.path}`
        : `${endpoint.scheme}://${hostPort(endpoint)}${endpoint.path}`;
    default:
      return `${endpoint.scheme}://${hostPort(endpoint)}`;
  }
}

/**
 * The endpoint of an address as the system writes it. An IPv4 peer of a socket of both families shows as ::ffff:1.2.3.4
 * (RFC 4291 section 2.5.5.2), and is named plainly.
 */
export function endpointOf(
  scheme: InternetEndpoint["scheme"] | WebSocketEndpoint["scheme"],
  host: string,
  port: number,
): string {
  const plain = host.startsWith("::ffff:") && host.includes(".") ? host.slice(7) : host;
  return `${scheme}://${hostPort({ host: plain, port })}`;
}

/** The host in the name of a peer as `endpointOf` wrote it, without brackets; undefined where it has none. */
export function hostOf(remote: string): string | undefined {
  // Not parsed: the system wrote it, and a zone in it may have any interface's name.
  const [, host] = /^\w+:\/\/\[?(.*?)\]?:\d*$/s.exec(remote) ?? [];
  return host;
}

function hostPort({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function internetEndpoint(
  text: string,
  scheme: InternetEndpoint["scheme"] | WebSocketEndpoint["scheme"],
  rest: string,
): InternetEndpoint | WebSocketEndpoint {
  // In brackets a zone may have these characters too.
  const [authority = "", bracketed = ""] = /^(\[[^\]/]*\])?[^/?#]*/.exec(rest) ?? [];
  const path = rest.slice(authority.length);
  if (authority.slice(bracketed.length).includes("@")) {
    throw wrong(text, "it holds a user name or password", "secrets do not belong in an endpoint");
  }
  const { host, port } = splitAuthority(text, authority, defaultPorts[scheme]);
  if (scheme === "ws" || scheme === "wss") {
    return { scheme, host, port, path: httpPath(text, path) };
  }
  if (path !== "" && path !== "/") {
    throw wrong(text, `a ${scheme} endpoint has no path, found "${path}"`, `write ${scheme}://host:port`);
  }
  return { scheme, host, port };
}

function httpPath(text: string, path: string): string {
  if (path.includes("#")) throw wrong(text, `the path "${path}" has a fragment`, "leave out what follows #");
  // It goes into an HTTP request line, where a line break would begin a header.
  if (!/^[!-~]*$/.test(path)) {
    throw wrong(text, "the path has a space or a character beyond ASCII", "write it as %20 and the like");
  }
  return path.startsWith("/") ? path : `/${path}`;
}

function splitAuthority(text: string, authority: string, defaultPort: number | undefined) {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(authority);
  if (bracketed !== null) {
    const [, host = "", port] = bracketed;
    if (!isIpv6(host)) throw wrong(text, `"${host}" is no IPv6 address`, "only those stand in brackets");
    // The zone is the name of an interface, where case counts.
    const canonical = host.replace(/^[^%]*/, (address) => address.toLowerCase());
    return { host: canonical, port: readPort(text, port, defaultPort) };
  }
  if (authority.startsWith("["))
    throw wrong(text, "the bracket after the IPv6 address is missing", "write [::1]:port");
  const colon = authority.lastIndexOf(":");
  const written = colon === -1 ? authority : authority.slice(0, colon);
  if (written.includes(":")) {
    throw wrong(
      text,
      `the host "${written}" has a colon in it`,
      `put an IPv6 address in brackets: [${written}]`,
    );
  }
  const port = readPort(text, colon === -1 ? undefined : authority.slice(colon + 1), defaultPort);
  return { host: readHost(text, written), port };
}

function readHost(text: string, written: string): string {
  if (written === "") return "127.0.0.1";
  if (written === "*") return "*";
  const host = written.toLowerCase();
  if (/^[\d.]+$/.test(host)) {
    if (!isIpv4(host))
      throw wrong(text, `"${written}" is no IPv4 address`, "it has four numbers from 0 to 255");
    return host;
  }
  // Letters, digits, hyphens, dots; underscores too, which DNS carries although RFC 952 does not name them.
  if (host.length > 253 || !/^(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?$/.test(host)) {
    throw wrong(text, `"${written}" is no host name`, "a host has letters, digits, hyphens and dots");
  }
  return host;
}

function readPort(text: string, written: string | undefined, defaultPort: number | undefined): number {
  if (written === undefined) {
    if (defaultPort !== undefined) return defaultPort;
    const advice = /^\d+$/.test(text) ? `write :${text} for that port of this machine` : "write host:port";
    throw wrong(text, "the port is missing", advice);
  }
  if (!/^\d{1,5}$/.test(written) || Number(written) > 65_535) {
    throw wrong(text, `"${written}" is no port`, "a port is a number from 0 to 65535");
  }
  return Number(written);
}

function unixEndpoint(text: string, path: string): UnixEndpoint {
  // A copied URL often has the two slashes of an empty authority; to the system many slashes are one.
  const plain = path.replace(/^\/{2,}/, "/");
  if (plain === "" || plain === "/") throw wrong(text, "the path is missing", "write unix:/path");
  if (plain.includes("\0")) throw wrong(text, "the path has a zero byte in it", "leave it out");
  // sun_path is 108 bytes on Linux and 104 on the BSDs and macOS, one of them the closing zero (unix(7)).
  const bytes = new TextEncoder().encode(plain).length;
  if (bytes > 103)
    throw wrong(text, `the path is ${bytes} bytes long`, "103 are portable: choose a shorter path");
  return { scheme: "unix", path: plain };
}

function memoryEndpoint(text: string, name: string): MemoryEndpoint {
  if (!/^[\w.-]{1,64}$/.test(name)) {
    throw wrong(
      text,
      `"${name}" is no name`,
      "write memory:name with up to 64 letters, digits, dots and hyphens",
    );
  }
  return { scheme: "memory", name };
}

export function isIpv4(host: string): boolean {
  return /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/.test(host);
}

/** Whether the host is this machine under a name or an address that nobody else can reach: 127.0.0.0/8, ::1, localhost. */
export function isLoopback(host: string): boolean {
  // A name may begin with `127.` too, and lead anywhere.
  return (isIpv4(host) && host.startsWith("127.")) || host === "::1" || host === "localhost";
}

/**
 * RFC 4291 section 2.2, with a zone index (RFC 4007 section 11) allowed behind `%`: the name of an interface, which may
 * have any characters but those that would end it here.
 */
export function isIpv6(host: string): boolean {
  const [, address = ""] = /^([\da-fA-F:.]+)(?:%[^\s\p{Cc}[\]%/]+)?$/u.exec(host) ?? [];
  const halves = address.split("::");
  if (halves.length > 2) return false;
  let groups = 0;
  for (const [position, half] of halves.entries()) {
    if (half === "") continue;
    const parts = half.split(":");
    for (const [index, part] of parts.entries()) {
      const last = position === halves.length - 1 && index === parts.length - 1;
      if (last && part.includes(".")) {
        if (!isIpv4(part)) return false;
        groups += 2;
      } else if (/^[\da-fA-F]{1,4}$/.test(part)) groups += 1;
      else return false;
    }
  }
  return halves.length === 2 ? groups < 8 : groups === 8;
}

function wrong(text: string, reason: string, advice: string): UsageError {
  // Errors end up in logs, and what stands before an @ may be a password.
  const shown = text.replace(/(^|\/\/)[^/]*@/, "$1…@");
  return new UsageError(`bad endpoint "${shown}": ${reason}`, { advice }, "ERR_ENDPOINT");
}
