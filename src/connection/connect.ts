// Dialling: from an endpoint to an open connection.

import { isIpv4, isIpv6, parseEndpoint } from "../core/endpoint.js";
import { UsageError } from "../core/errors.js";
import { limit } from "../core/limits.js";
import { streamTransport } from "../transport/index.js";
import { Connection } from "./connection.js";
import { Link } from "./link.js";
import { type ConnectOptions, formatFor, settingsOf } from "./options.js";
import { withRetry } from "./retry.js";

/**
 * Connects to `tcp://host:port`, `unix:/path` or `memory:name`. A name's addresses, of both families, are tried side by
 * side within `timeoutMs`.
 * @throws UsageError for a bad endpoint or option; DisconnectedError, with each address tried and why it failed;
 * TimeoutError; the signal's own reason. Nothing stays open then.
 */
export async function connect<Frame = Uint8Array, Send = Frame, Receive = Frame>(
  endpoint: string,
  options: ConnectOptions<Frame, Send, Receive> = {},
): Promise<Connection<Send, Receive>> {
  const parsed = parseEndpoint(endpoint);
  const transport = streamTransport(parsed, "connect", options.network);
  const settings = settingsOf(options, [parsed]);
  const { clock } = settings.stream;
  const timeoutMs = limit("timeoutMs", options.timeoutMs);
  const { sourceAddress, proxyHeader } = options;
  if (sourceAddress !== undefined && !isIpv4(sourceAddress) && !isIpv6(sourceAddress)) {
    const context = { op: "connect", endpoint, advice: "give one of this machine's own addresses" };
    throw new UsageError(`sourceAddress must be an IP address, got "${sourceAddress}"`, context);
  }
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
