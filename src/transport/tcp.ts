// TCP: a name's addresses raced within one deadline; listening on one address or on every interface.

import type net from "node:net";

import { withDeadline } from "../core/deadline.js";
import {
  endpointOf,
  formatEndpoint,
  type InternetEndpoint,
  type WebSocketEndpoint,
} from "../core/endpoint.js";
import {
  DisconnectedError,
  type ErrorContext,
  type SocketError,
  TimeoutError,
  UsageError,
} from "../core/errors.js";
import { limits } from "../core/limits.js";
import type { AcceptKind } from "./accept.js";
import type { ByteStream } from "./byte-stream.js";
import { asSocket, asStream, type DialledSocket, nodeDial, type Reading } from "./node-dial.js";
import { nodeListen } from "./node-listener.js";
import type { NodeStream } from "./node-stream.js";
import { checkProxyHeader } from "./proxy-header.js";
import { race } from "./race.js";
import { type Address, resolve } from "./resolve.js";
import type { DialOptions, ListenerOptions, StreamListener, Transport } from "./transport.js";

export const tcp: Transport<InternetEndpoint> = { dial: dialHost, listen };

/** Whatever is spoken over TCP has a host and a port. */
type HostEndpoint = InternetEndpoint | WebSocketEndpoint;

/** One attempt at the host's addresses, side by side: the TCP connection, whatever is spoken over it. */
export function dialHost(endpoint: HostEndpoint, options: DialOptions): Promise<NodeStream> {
  return dialAs(endpoint, options, asStream(options));
}

/** The same as Node's own socket, for what is spoken over it by somebody else's code. */
export function dialSocket(endpoint: HostEndpoint, options: DialOptions): Promise<DialledSocket> {
  return dialAs(endpoint, options, asSocket);
}

function dialAs<Result extends { abort(): void }>(
  endpoint: HostEndpoint,
  options: DialOptions,
  reading: Reading<Result>,
): Promise<Result> {
  const { clock, signal, timeoutMs } = options;
  const context = { op: "connect", endpoint: formatEndpoint(endpoint) };
  if (endpoint.host === "") {
    const advice = `write ${endpoint.scheme}://host:port/path`;
    return Promise.reject(new UsageError("a path alone is for listening only", { ...context, advice }));
  }
  if (endpoint.port === 0) return Promise.reject(new UsageError("port 0 is for listening only", context));
  if (endpoint.host === "*") return Promise.reject(new UsageError("* is for listening only", context));
  let addresses: Address[] = [];
  const onTimeout = () =>
    new TimeoutError(
      timeoutMs,
      `no answer within ${timeoutMs} ms from ${listOf(addresses, endpoint)}`,
      context,
    );
  return withDeadline(
    async (stop) => {
      checkProxyHeader(options.proxyHeader, context.endpoint);
      addresses = fromSource(await resolve(endpoint.host, options.family, context), options, context);
      if (stop.aborted) throw stop.reason;
      const start = (address: Address) => nodeDial(targetOf(address, endpoint, options), options, reading);
      try {
        return await race(addresses, start, { clock, delayMs: limits.addressDelayMs, stop });
      } catch (error) {
        throw failureOf(error, context);
      }
    },
    { clock, signal, timeoutMs, onTimeout, onLate: (late) => late.abort() },
  );
}

/** Those that can be reached from the source address: of its own family. @throws UsageError if there is none. */
function fromSource(
  addresses: readonly Address[],
  { sourceAddress }: DialOptions,
  context: ErrorContext,
): Address[] {
  if (sourceAddress === undefined) return [...addresses];
  const own = sourceAddress.includes(":") ? 6 : 4;
  const reachable = addresses.filter(({ family }) => family === own);
  if (reachable.length > 0) return reachable;
  const reason = `sourceAddress ${sourceAddress} is IPv${own}, and the peer has no such address`;
  throw new UsageError(reason, context, "ERR_ADDRESS_NOT_AVAILABLE");
}

function targetOf({ host, family }: Address, endpoint: HostEndpoint, { sourceAddress }: DialOptions) {
  const { port } = endpoint;
  const localAddress = sourceAddress === undefined ? {} : { localAddress: sourceAddress };
  return {
    remote: addressOf(endpoint, host, port),
    connect: { host, port, family, ...localAddress },
    localOf: (socket: net.Socket) => addressOf(endpoint, socket.localAddress, socket.localPort),
  };
}

/** One address: its own error, under the name that was asked for. Several: all in one, under the first one's code. */
function failureOf(error: unknown, context: { readonly op: string; readonly endpoint: string }): unknown {
  if (!(error instanceof AggregateError)) return error;
  const [first, ...others] = error.errors as SocketError[];
  if (first === undefined) return error;
  const all = [first, ...others].map((one) => `${one.endpoint}: ${one.reason}`);
  const reason = others.length === 0 ? first.reason : `no address answered (${all.join("; ")})`;
  const where = { ...context, advice: first.advice, cause: others.length === 0 ? first.cause : error };
  if (first instanceof DisconnectedError) return new DisconnectedError(first.code, reason, where);
  return new UsageError(reason, where, first instanceof UsageError ? first.code : undefined);
}

function listOf(addresses: readonly Address[], endpoint: HostEndpoint): string {
  if (addresses.length === 0) return `the name service about ${endpoint.host}`;
  return addresses.map(({ host }) => addressOf(endpoint, host, endpoint.port)).join(", ");
}

function listen(
  endpoint: InternetEndpoint,
  options: ListenerOptions,
  onStream: (stream: ByteStream) => void,
): Promise<StreamListener> {
  return listenOnHost(endpoint, options, (kind) => nodeListen(kind, options, onStream));
}

/**
 * Listens on the endpoint's host, or on every interface for `*`.
 * @param open Opens what listens on one address: also for what is spoken over TCP. Tried again where IPv6 is missing.
 */
export async function listenOnHost(
  endpoint: HostEndpoint,
  options: Pick<ListenerOptions, "family">,
  open: (kind: AcceptKind) => Promise<StreamListener>,
): Promise<StreamListener> {
  const listenOn = (host: string, ipv6Only = false) =>
    open({
      endpoint: formatEndpoint(endpoint),
      listen: { host, port: endpoint.port, ipv6Only },
      endpointOf: (server) => {
        const { port } = server.address() as net.AddressInfo;
        return formatEndpoint({ ...endpoint, port });
      },
      namesOf: ({ localAddress, localPort, remoteAddress, remotePort }) =>
        remoteAddress === undefined
          ? undefined
          : {
              local: addressOf(endpoint, localAddress, localPort),
              remote: addressOf(endpoint, remoteAddress, remotePort),
            },
    });
  if (endpoint.host !== "*") return listenOn(await hostOf(endpoint, options));
  if (options.family === 4) return listenOn("0.0.0.0");
  try {
    return await listenOn("::", options.family === 6);
  } catch (error) {
    const noIpv6 = error instanceof UsageError && error.code === "ERR_ADDRESS_NOT_AVAILABLE";
    // Every interface of a machine without IPv6 is every IPv4 one.
    if (options.family === 6 || !noIpv6) throw error;
    return listenOn("0.0.0.0");
  }
}

async function hostOf(endpoint: HostEndpoint, { family }: Pick<ListenerOptions, "family">): Promise<string> {
  const addresses = await resolve(endpoint.host, family, {
    op: "listen",
    endpoint: formatEndpoint(endpoint),
  });
  return addresses[0]?.host ?? endpoint.host;
}

/** Node leaves out what a socket that has closed no longer knows. */
function addressOf({ scheme }: HostEndpoint, host = "", port = 0): string {
  return endpointOf(scheme, host, port);
}
