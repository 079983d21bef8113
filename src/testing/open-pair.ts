// Dialling and listening with plain options, for the contracts and for tests of what stands on a transport.

import { systemClock } from "../core/clock.js";
import { type Endpoint, parseEndpoint } from "../core/endpoint.js";
import { limits } from "../core/limits.js";
import type { ByteStream } from "../transport/byte-stream.js";
import type { DialOptions, ListenerOptions, Transport } from "../transport/transport.js";
import type { StreamPair } from "./stream-contract.js";

/** The defaults of `connect` and `listen`. */
export const plainOptions: DialOptions & ListenerOptions = {
  readBytesMax: limits.readBytesMax,
  observer: undefined,
  clock: systemClock,
  noDelay: true,
  timeoutMs: limits.timeoutMs,
  signal: undefined,
  sourceAddress: undefined,
  family: undefined,
  backlog: limits.backlog,
  reservedMax: 0,
  admit: () => true,
  leave: () => {},
  rename: () => true,
  onRefused: () => {},
};

/** Listens at `endpoint`, dials what it became, and hands out both ends. */
export async function openPair<E extends Endpoint>(
  transport: Transport<E>,
  endpoint: E,
  options: Partial<DialOptions & ListenerOptions> = {},
): Promise<StreamPair> {
  const all = { ...plainOptions, ...options };
  let accept: (stream: ByteStream) => void = () => {};
  const accepting = new Promise<ByteStream>((resolve) => {
    accept = resolve;
  });
  const listener = await transport.listen(endpoint, all, (stream) => accept(stream));
  const dialer = await transport.dial(parseEndpoint(listener.endpoint) as E, all);
  const accepted = await accepting;
  await listener.close();
  return { dialer, accepted, close: async () => {} };
}
