// What a user may wish of a datagram socket, and what follows for the one that is opened.
// Invariant: wishes that cannot be, or not together, are told before anything is opened.

import type { Clock } from "../core/clock.js";
import { formatEndpoint, isIpv4, isIpv6, parseEndpoint } from "../core/endpoint.js";
import { type SocketError, UsageError } from "../core/errors.js";
import type { LifecycleObserver } from "../core/lifecycle.js";
import { limit } from "../core/limits.js";
import type { Encoding } from "../protocol/encoding/encoding.js";
import type { DatagramHandleOptions, MulticastOptions } from "../transport/datagram.js";
import { udpTarget } from "./datagram-names.js";

/** Sizes in bytes, times in milliseconds; defaults are in `limits`. */
export interface BindOptions<Send = Uint8Array, Receive = Send> {
  /** What is in a datagram. Default: `bytes()`. */
  readonly encoding?: Encoding<Send, Receive> | undefined;
  /** The only peer, as `udp://host:port`. Sends need no address then, and a refusal by its host is told. */
  readonly connect?: string | undefined;
  readonly multicast?: MulticastOptions | undefined;
  /** Allows sending to broadcast addresses, such as 255.255.255.255. IPv4 only. */
  readonly broadcast?: boolean | undefined;
  /** Lets several sockets of this machine share one port, as receivers of one multicast group do. */
  readonly reuseAddress?: boolean | undefined;
  /** `*` and names mean this family only. */
  readonly family?: 4 | 6 | undefined;
  /** The largest datagram taken or sent. */
  readonly datagramBytesMax?: number | undefined;
  /** Datagrams held for a reader that is behind, or sends under way to a kernel that is. */
  readonly datagramsQueuedMax?: number | undefined;
  /** The same in bytes. */
  readonly datagramQueueBytes?: number | undefined;
  /** The kernel's own buffers. What overflows there is lost without a count, so that bursts want a large one. */
  readonly kernelReceiveBytes?: number | undefined;
  readonly kernelSendBytes?: number | undefined;
  /** For the name service. */
  readonly timeoutMs?: number | undefined;
  /** How long `close` waits for sends under way. */
  readonly lingerMs?: number | undefined;
  /** Told of each datagram that was too large or did not decode, and of whom it came from. It is counted and left out. */
  readonly onError?: ((error: SocketError, from: string) => void) | undefined;
  readonly observer?: LifecycleObserver | undefined;
  /** Ends the wait for `bind` only; a socket that is bound already is not touched by it. */
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

/** The wishes that decide what is opened, checked. */
export interface Plan {
  /** As it was asked for, for errors and events. */
  readonly endpoint: string;
  readonly host: string;
  readonly port: number;
  readonly family: 4 | 6 | undefined;
  readonly connect: string | undefined;
  readonly socket: DatagramHandleOptions;
}

/** @throws UsageError for wishes that cannot be, or not together. */
export function planOf(text: string, options: BindOptions<never, never>): Plan {
  const parsed = parseEndpoint(text);
  const endpoint = formatEndpoint(parsed);
  if (parsed.scheme !== "udp") {
    const advice = "host" in parsed ? `write udp://${parsed.host}:${parsed.port}` : "write udp://host:port";
    throw new UsageError("datagrams need udp://", { op: "bind", endpoint, advice });
  }
  const { connect, multicast, broadcast = false, reuseAddress = false } = options;
  if (connect !== undefined) udpTarget(connect, { op: "bind", endpoint: connect });
  const { kernelReceiveBytes, kernelSendBytes } = options;
  checkWhole("kernelReceiveBytes", kernelReceiveBytes, 1, bufferBytesMax);
  checkWhole("kernelSendBytes", kernelSendBytes, 1, bufferBytesMax);
  checkWhole("multicast.ttl", multicast?.ttl, 0, 255);
  const family = familyOf(options, endpoint);
  const ipv6Only = family === 6;
  return {
    endpoint,
    host: parsed.host,
    port: parsed.port,
    family,
    connect,
    socket: { ipv6Only, reuseAddress, broadcast, multicast, kernelReceiveBytes, kernelSendBytes },
  };
}

/** The family that was asked for, in so many words or by what only one of them has. */
function familyOf(options: BindOptions<never, never>, endpoint: string): 4 | 6 | undefined {
  const { family, multicast, broadcast } = options;
  const wanted = new Set<4 | 6>();
  if (family !== undefined) wanted.add(checkedFamily(family));
  if (broadcast) wanted.add(4);
  for (const group of multicast?.groups ?? []) wanted.add(familyOfGroup(group, endpoint));
  if (multicast?.interface !== undefined) wanted.add(familyOfInterface(multicast.interface, endpoint));
  if (wanted.size > 1) {
    const reason = "family, broadcast and multicast ask for IPv4 and IPv6 at once";
    throw new UsageError(reason, { op: "bind", endpoint, advice: "bind one socket for each" });
  }
  return [...wanted][0];
}

/** RFC 5771 section 3: 224.0.0.0/4. RFC 4291 section 2.7: ff00::/8. */
function familyOfGroup(group: string, endpoint: string): 4 | 6 {
  if (isIpv4(group) && /^(?:22[4-9]|23\d)\./.test(group)) return 4;
  if (isIpv6(group) && /^ff[\da-f]{2}:/i.test(group)) return 6;
  const advice = "groups are 224.0.0.0 to 239.255.255.255, or begin with ff";
  throw new UsageError(`"${group}" is no multicast group`, { op: "bind", endpoint, advice });
}

function familyOfInterface(own: string, endpoint: string): 4 | 6 {
  if (isIpv4(own)) return 4;
  if (isIpv6(own) && own.startsWith("::%")) return 6;
  const advice = "give its own IPv4 address, or ::%name for IPv6";
  throw new UsageError(`"${own}" is no multicast.interface`, { op: "bind", endpoint, advice });
}

function checkedFamily(family: number): 4 | 6 {
  if (family === 4 || family === 6) return family;
  throw new UsageError(`family must be 4 or 6, got ${String(family)}`);
}

/** What setsockopt(2) takes as an int. */
const bufferBytesMax = 2 ** 31 - 1;

function checkWhole(name: string, given: number | undefined, least: number, most: number): void {
  if (given === undefined || (Number.isSafeInteger(given) && given >= least && given <= most)) return;
  throw new UsageError(`${name} must be a whole number from ${least} to ${most}, got ${String(given)}`);
}

type Bounds = Readonly<Record<(typeof boundNames)[number], number>>;
const boundNames = [
  "datagramBytesMax",
  "datagramsQueuedMax",
  "datagramQueueBytes",
  "timeoutMs",
  "lingerMs",
] as const;

export function boundsOf(options: BindOptions<never, never>): Bounds {
  return Object.fromEntries(boundNames.map((name) => [name, limit(name, options[name])])) as Bounds;
}
