// From the command's options to the library's: what it means to say nothing stays the library's own default.

import { parseEndpoint, UsageError } from "../../index.js";

export interface NetworkOptions {
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly timeout?: number | undefined;
  readonly idle?: number | undefined;
  readonly retry?: number | undefined;
  readonly source?: string | undefined;
}

/** For `connect` and `listen`, which each take what concerns them. @throws UsageError. */
export interface NetworkSettings {
  readonly family?: 4 | 6;
  readonly timeoutMs?: number;
  readonly idleTimeoutMs?: number;
  readonly retry?: { readonly attempts: number };
  readonly sourceAddress?: string;
}

export function networkSettings(options: NetworkOptions): NetworkSettings {
  const { timeout, idle, retry = 0, source } = options;
  return {
    ...familyOf(options),
    ...(timeout === undefined ? {} : { timeoutMs: timeout }),
    ...(idle === undefined ? {} : { idleTimeoutMs: idle }),
    // The first attempt is no retry.
    ...(retry === 0 ? {} : { retry: { attempts: retry + 1 } }),
    ...(source === undefined ? {} : { sourceAddress: source }),
  };
}

/** -4 and -6. @throws UsageError for both. */
export function familyOf({ ipv4, ipv6 }: Pick<NetworkOptions, "ipv4" | "ipv6">): { readonly family?: 4 | 6 } {
  if (ipv4 && ipv6)
    throw new UsageError("-4 and -6 exclude each other", { advice: "leave both out for either" });
  return ipv4 ? { family: 4 } : ipv6 ? { family: 6 } : {};
}

/** @throws UsageError: a process cannot be told where a datagram ends, nor when the last one has come. */
export function noExec({ exec }: { readonly exec?: string | undefined }): void {
  if (exec === undefined) return;
  throw new UsageError("--exec does not go with udp://", { advice: "use tcp:// or unix:" });
}

export function noSessions(): UsageError {
  return new UsageError("a session needs connections, which udp:// has not", {
    advice: "use tcp:// or unix:",
  });
}

export interface EndpointArgument {
  readonly text: string;
  readonly isDatagram: boolean;
  readonly isWebSocket: boolean;
}

/** @throws UsageError: no endpoint, or one that no command can use, with those that it can. */
export function endpointArgument(text: string): EndpointArgument {
  const { scheme } = parseEndpoint(text);
  if (scheme !== "memory") {
    return { text, isDatagram: scheme === "udp", isWebSocket: scheme === "ws" || scheme === "wss" };
  }
  const advice = "use tcp://, tls://, ws://, wss://, udp:// or unix:";
  throw new UsageError("memory: is inside one program, where no command can reach it", {
    endpoint: text,
    advice,
  });
}

/** `ENDPOINT`, or `HOST PORT` as nc takes them; an IPv6 host needs no brackets there. @throws UsageError. */
export function endpointOf([first = "", port]: readonly string[]): EndpointArgument {
  if (port === undefined) return endpointArgument(first);
  if (first.includes("/")) {
    const advice = "give one endpoint, or a host and a port";
    throw new UsageError(`"${first}" is an endpoint already, and "${port}" is one too many`, { advice });
  }
  const host = first.includes(":") && !first.startsWith("[") ? `[${first}]` : first;
  return endpointArgument(`tcp://${host}:${port}`);
}

/** Where a UDP socket is bound that is to reach `endpoint`. */
export function sourceEndpoint(source: string | undefined): string {
  if (source === undefined) return "udp://*:0";
  return source.includes(":") ? `udp://[${source}]:0` : `udp://${source}:0`;
}
