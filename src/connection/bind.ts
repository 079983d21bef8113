// bind: from an endpoint and wishes to a datagram socket.
// Invariant: all wishes are checked before anything is opened, and a failed or abandoned bind leaves nothing open.

import { systemClock } from "../core/clock.js";
import { type Deadline, withDeadline } from "../core/deadline.js";
import { endpointOf, formatEndpoint } from "../core/endpoint.js";
import { type ErrorContext, SocketError, TimeoutError, UsageError } from "../core/errors.js";
import { nextSocketId, tell } from "../core/lifecycle.js";
import { bytes } from "../protocol/encoding/bytes.js";
import type { Encoding } from "../protocol/encoding/encoding.js";
import { type DatagramAddress, DatagramHandle } from "../transport/datagram.js";
import { type Address, resolve } from "../transport/resolve.js";
import { systemCode, systemError } from "../transport/system-errors.js";
import { canonicalHost, type Reach, udpTarget } from "./datagram-names.js";
import { type BindOptions, boundsOf, type Plan, planOf } from "./datagram-plan.js";
import { DatagramSocket } from "./datagram-socket.js";

export type { MulticastOptions } from "../transport/datagram.js";
export type { BindOptions } from "./datagram-plan.js";

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
    const settings = {
      id,
      ...names,
      connect: plan.connect,
      ...bounds,
      encoding,
      broadcast,
      clock,
      observer,
      onError,
    };
    return new DatagramSocket<Send, Receive>(handle, settings);
  } catch (reason) {
    const error = reason instanceof SocketError ? reason : undefined;
    const end = { by: "local", reason: error?.reason ?? "aborted", error } as const;
    tell(observer, { name: "closed", id, kind: "datagram", local: plan.endpoint, ...end });
    throw reason;
  }
}

interface Opened {
  readonly handle: DatagramHandle;
  readonly local: string;
  readonly remote: string | undefined;
  readonly reach: Reach;
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
    local: unnamed ? formatEndpoint({ scheme: "udp", host: "*", port }) : endpointOf("udp", host, port),
    remote: target === undefined ? undefined : endpointOf("udp", canonicalHost(target.host), target.port),
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
    if (systemCode(error) !== "EINVAL") throw systemError(error, context);
    // To a bound socket the system says so of an option; to one that connects, of the way there.
    throw new UsageError("the system does not take these options (EINVAL)", { ...context, cause: error });
  }
}
