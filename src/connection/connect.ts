// Dialling: from an endpoint to an open connection.

import { type Endpoint, formatEndpoint, isIpv4, isIpv6, parseEndpoint } from "../core/endpoint.js";
import { UsageError } from "../core/errors.js";
import { limit } from "../core/limits.js";
import { streamTransport } from "../transport/index.js";
import { Connection } from "./connection.js";
import { Link } from "./link.js";
import { type ConnectOptions, formatFor, settingsOf } from "./options.js";
import { withRetry } from "./retry.js";
import type { WebSocketAddress, WebSocketConnection, WebSocketConnectOptions } from "./websocket-types.js";

/**
 * Connects to a WebSocket, `ws://host:port/path` or `wss://…`: messages are kept apart by the transport, text for
 * `text()` and `json()`, else binary; either kind is taken.
 * @throws as below; RefusedError for an answer such as 403 or 404, ProtocolError for what is no WebSocket.
 */
export function connect<Send = Uint8Array, Receive = Send>(
  endpoint: WebSocketAddress,
  options?: WebSocketConnectOptions<Send, Receive>,
): Promise<WebSocketConnection<Send, Receive>>;
/**
 * Connects to `tcp://host:port`, `tls://…`, `ws://…`, `unix:/path` or `memory:name`. A name's addresses, of both families, are tried side by
 * side within `timeoutMs`.
 * @throws UsageError for a bad endpoint or option; DisconnectedError, with each address tried and why it failed;
 * TimeoutError; the signal's own reason. Nothing stays open then.
 */
export function connect<Frame = Uint8Array, Send = Frame, Receive = Frame>(
  endpoint: string,
  options?: ConnectOptions<Frame, Send, Receive>,
): Promise<Connection<Send, Receive>>;
export async function connect<Frame, Send, Receive>(
  endpoint: string,
  options: ConnectOptions<Frame, Send, Receive> = {},
): Promise<Connection<Send, Receive>> {
  const parsed = parseEndpoint(endpoint);
  const transport = streamTransport(parsed, "connect", options.network);
  const settings = settingsOf(options, [parsed]);
  const { clock } = settings.stream;
  const timeoutMs = limit("timeoutMs", options.timeoutMs);
  const { sourceAddress, proxyHeader } = options;
  checkDial(parsed, options);
  const stream = await withRetry(
    (signal) => transport.dial(parsed, { ...settings.stream, timeoutMs, signal, sourceAddress, proxyHeader }),
    options.retry,
    {
      clock,
      random: options.random,
      signal: options.signal,
      context: { op: "connect", endpoint },
      onLate: (late) => late.abort(),
    },
  );
  const link = new Link(stream, settings.link, { host: "host" in parsed ? parsed.host : undefined });
  const connection = new Connection(link, formatFor(stream, settings));
  link.start();
  return connection;
}

/** @throws UsageError for an option that could not do what it says at this endpoint. */
export function checkDial(
  endpoint: Endpoint,
  { sourceAddress, tls }: Pick<ConnectOptions, "sourceAddress" | "tls">,
): void {
  const context = { op: "connect", endpoint: formatEndpoint(endpoint) };
  if (sourceAddress !== undefined && !isIpv4(sourceAddress) && !isIpv6(sourceAddress)) {
    const advice = "give one of this machine's own addresses";
    throw new UsageError(`sourceAddress must be an IP address, got "${sourceAddress}"`, {
      ...context,
      advice,
    });
  }
  // Who gives it believes that nobody else can read what is said.
  if (tls !== undefined && endpoint.scheme !== "tls" && endpoint.scheme !== "wss") {
    const advice = "write tls:// or wss://, or leave it out; startTls begins TLS later";
    throw new UsageError("the option tls is given, and this endpoint is in the clear", {
      ...context,
      advice,
    });
  }
}
