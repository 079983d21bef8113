// bind: from an endpoint and wishes to a datagram socket.
// Invariant: all wishes are checked before anything is opened, and a failed or abandoned bind leaves nothing open.

import { type Clock, systemClock } from "../core/clock.js";
import { type Deadline, withDeadline } from "../core/deadline.js";
import { formatEndpoint, isIpv4, isIpv6, parseEndpoint } from "../core/endpoint.js";
import { type ErrorContext, SocketError, TimeoutError, UsageError } from "../core/errors.js";
import { type LifecycleObserver, nextSocketId, tell } from "../core/lifecycle.js";
import { limit } from "../core/limits.js";
import { bytes } from "../protocol/encoding/bytes.js";
import type { Encoding } from "../protocol/encoding/encoding.js";
import {
  type DatagramAddress,
  DatagramHandle,
  type DatagramHandleOptions,
  type MulticastOptions,
} from "../transport/datagram.js";
import { type Address, resolve } from "../transport/resolve.js";
import { systemCode, systemError } from "../transport/system-errors.js";
import { type Reach, udpEndpoint, udpTarget } from "./datagram-names.js";
import { DatagramSocket } from "./datagram-socket.js";

export type { MulticastOptions } from "../transport/datagram.js";

/** Sizes in bytes, times in milliseconds; defaults are in `limits`. */
export interface BindOptions<Send = Uint8Array, Receive = Send> {
  /** What is in a datagram. Default: `bytes()`. */
  readonly encoding?: Encoding<Send, Receive>;
  /** The only peer, as `udp://host:port`. Sends need no address then, and a refusal by its host is told. */
  readonly connect?: string;
  readonly multicast?: MulticastOptions;
  /** Allows sending to broadcast addresses, such as 255.255.255.255. IPv4 only. */
  readonly broadcast?: boolean;
  /** Lets several sockets of this machine share one port, as receivers of one multicast group do. */
  readonly reuseAddress?: boolean;
  /** `*` and names mean this family only. */
  readonly family?: 4 | 6;
  /** The largest datagram taken or sent. */
  readonly datagramBytesMax?: number;
  /** Datagrams held for a reader that is behind, or sends under way to a kernel that is. */
  readonly datagramsQueuedMax?: number;
  /** The same in bytes. */
  readonly datagramQueueBytes?: number;
  /** The kernel's own buffers. What overflows there is lost without a count, so that bursts want a large one. */
  readonly kernelReceiveBytes?: number;
  readonly kernelSendBytes?: number;
  /** For the name service. */
  readonly timeoutMs?: number;
  /** How long `close` waits for sends under way. */
  readonly lingerMs?: number;
  /** Told of each datagram that was too large or did not decode, and of whom it came from. It is counted and left out. */
  readonly onError?: (error: SocketError, from: string) => void;
  readonly observer?: LifecycleObserver;
  /** Ends the wait for `bind` only; a socket that is bound already is not touched by it. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/**
 * Opens a datagram socket at `udp://host:port`: a port of 0 chooses one, `*` is every interface of both families
 * (of IPv4 alone where broadcast or an IPv4 group is asked for).
 * @throws UsageError: a bad endpoint or option, an address in use or not ours; DisconnectedError for an unknown name.
 */
export async function bind<Send = Uint8Array, Receive = Send>(
  endpoint: string,
  options: BindOptions<Send, Receive> = {},
): Promise<DatagramSocket<Send, Receive>> {
  const { observer, signal, clock = systemClock, broadcast = false, onError } = options;
  const plan = planOf(endpoint, options as BindOptions<never, never>);
  const bounds = boundsOf(options as BindOptions<never, never>);
  const encoding = options.encoding ?? (bytes() as unknown as Encoding<Send, Receive>);
  const id = nextSocketId();
  tell(observer, { name: "created", id, kind: "datagram", local: plan.endpoint });
  try {
    const { handle, ...names } = await openInTime(plan, { clock, signal, timeoutMs: bounds.timeoutMs });
    const { local, remote } = names;
    tell(observer, { name: "bound", id, kind: "datagram", local });
    if (remote !== undefined) tell(observer, { name: "open", id, kind: "datagram", local, remote });
    const settings = { id, ...names, ...bounds, encoding, broadcast, clock, observer, onError };
    return new DatagramSocket<Send, Receive>(handle, settings);
  } catch (reason) {
    const error = reason instanceof SocketError ? reason : undefined;
    const end = { by: "local", reason: error?.reason ?? "aborted", error } as const;
    tell(observer, { name: "closed", id, kind: "datagram", local: plan.endpoint, ...end });
    throw reason;
  }
}

/** The wishes that decide what is opened, checked. */
interface Plan {
  /** As it was asked for, for errors and events. */
  readonly endpoint: string;
  readonly host: string;
  readonly port: number;
  readonly family: 4 | 6 | undefined;
  readonly connect: string | undefined;
  readonly socket: DatagramHandleOptions;
}

interface Opened {
  readonly handle: DatagramHandle;
  readonly local: string;
  readonly remote: string | undefined;
  readonly reach: Reach;
}

/** @throws UsageError for wishes that cannot be, or not together. */
function planOf(text: string, options: BindOptions<never, never>): Plan {
  const parsed = parseEndpoint(text);
  const endpoint = formatEndpoint(parsed);
  if (parsed.scheme !== "udp") {
    const advice = "host" in parsed ? `write udp://${parsed.host}:${parsed.port}` : "write udp://host:port";
    throw new UsageError("datagrams need udp://", { op: "bind", endpoint, advice });
  }
  const { connect, multicast, broadcast = false, reuseAddress = false } = options;
  if (connect !== undefined) udpTarget(connect, { op: "bind", endpoint: connect });
  const { kernelReceiveBytes, kernelSendBytes } = options;
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
  if (family !== undefined) wanted.add(family);
  if (broadcast) wanted.add(4);
  for (const group of multicast?.groups ?? []) wanted.add(familyOfGroup(group, endpoint));
  if (wanted.size > 1) {
    const reason = "family, broadcast and multicast groups ask for IPv4 and IPv6 at once";
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

type Bounds = Readonly<Record<(typeof boundNames)[number], number>>;
const boundNames = [
  "datagramBytesMax",
  "datagramsQueuedMax",
  "datagramQueueBytes",
  "timeoutMs",
  "lingerMs",
] as const;

function boundsOf(options: BindOptions<never, never>): Bounds {
  return Object.fromEntries(boundNames.map((name) => [name, limit(name, options[name])])) as Bounds;
}

function openInTime(plan: Plan, wait: Omit<Deadline, "onTimeout">): Promise<Opened> {
  const context = { op: "bind", endpoint: plan.endpoint };
  const onTimeout = () => new TimeoutError(wait.timeoutMs, "the name service does not answer", context);
  return withDeadline((stop) => open(plan, stop), { ...wait, onTimeout });
}

async function open(plan: Plan, stop: AbortSignal): Promise<Opened> {
  const context = { op: "bind", endpoint: plan.endpoint };
  const everywhere = plan.host === "*";
  const own = everywhere ? undefined : await firstAddress(plan.host, plan.family, context);
  const target = await targetOf(plan, own?.family ?? plan.family);
  stop.throwIfAborted();
  const choices = own === undefined ? everyInterface(target?.family ?? plan.family) : [own];
  const { handle, address } = await openFirst(choices, plan, context);
  try {
    if (target !== undefined) await handle.connect(target);
    // Abandoned meanwhile: nobody else would close it.
    stop.throwIfAborted();
  } catch (error) {
    await handle.close();
    throw stop.aborted ? error : systemError(error, { op: "bind", endpoint: plan.connect });
  }
  const { host, port } = handle.local;
  const unnamed = everywhere && target === undefined;
  const both = address.host === "::" && !plan.socket.ipv6Only;
  return {
    handle,
    local: unnamed ? formatEndpoint({ scheme: "udp", host: "*", port }) : udpEndpoint(host, port),
    remote: target === undefined ? undefined : udpEndpoint(target.host, target.port),
    reach: both ? "both" : address.family,
  };
}

async function targetOf(
  { connect }: Plan,
  family: 4 | 6 | undefined,
): Promise<(Address & DatagramAddress) | undefined> {
  if (connect === undefined) return undefined;
  const context = { op: "bind", endpoint: connect };
  const { host, port } = udpTarget(connect, context);
  return { ...(await firstAddress(host, family, context)), port };
}

async function firstAddress(
  host: string,
  family: 4 | 6 | undefined,
  context: ErrorContext,
): Promise<Address> {
  const [first] = await resolve(host, family, context);
  // `resolve` throws where there is none.
  return first ?? { host, family: 4 };
}

function everyInterface(family: 4 | 6 | undefined): Address[] {
  const ipv4 = { host: "0.0.0.0", family: 4 } as const;
  const ipv6 = { host: "::", family: 6 } as const;
  if (family !== undefined) return [family === 4 ? ipv4 : ipv6];
  // The second for a system without IPv6.
  return [ipv6, ipv4];
}

async function openFirst(
  [address, ...others]: readonly Address[],
  plan: Plan,
  context: ErrorContext,
): Promise<{ readonly handle: DatagramHandle; readonly address: Address }> {
  if (address === undefined) throw new UsageError("there is no address to bind to", context);
  try {
    const handle = await DatagramHandle.open({ ...address, port: plan.port }, plan.socket);
    return { handle, address };
  } catch (error) {
    const noFamily = ["EAFNOSUPPORT", "EADDRNOTAVAIL"].includes(systemCode(error) ?? "");
    if (noFamily && others.length > 0) return openFirst(others, plan, context);
    throw systemError(error, context);
  }
}
