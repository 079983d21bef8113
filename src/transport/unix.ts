// Unix sockets: streams between processes of one machine, under a path in the file system.
// Invariant: a socket file is removed only when nobody answers behind it.

import { lstat, unlink } from "node:fs/promises";
import net from "node:net";

import { withDeadline } from "../core/deadline.js";
import { formatEndpoint, type UnixEndpoint } from "../core/endpoint.js";
import { TimeoutError, UsageError } from "../core/errors.js";
import type { ByteStream } from "./byte-stream.js";
import { nodeDial } from "./node-dial.js";
import { nodeListen } from "./node-listener.js";
import { systemCode, systemError } from "./system-errors.js";
import type { DialOptions, ListenerOptions, StreamListener, Transport } from "./transport.js";

export const unix: Transport<UnixEndpoint> = { dial, listen };

function dial(endpoint: UnixEndpoint, options: DialOptions): Promise<ByteStream> {
  const { clock, signal, timeoutMs } = options;
  const remote = formatEndpoint(endpoint);
  const context = { op: "connect", endpoint: remote };
  return withDeadline(
    async (stop) => {
      const target = { remote, connect: { path: endpoint.path }, localOf: () => "unix:" };
      const attempt = nodeDial(target, options);
      stop.addEventListener("abort", () => attempt.cancel(), { once: true });
      try {
        return await attempt.outcome;
      } catch (error) {
        throw systemError(error instanceof Error ? error.cause : error, context);
      }
    },
    {
      clock,
      signal,
      timeoutMs,
      onTimeout: () => new TimeoutError(timeoutMs, `no answer within ${timeoutMs} ms`, context),
      onLate: (late) => late.abort(),
    },
  );
}

async function listen(
  endpoint: UnixEndpoint,
  options: ListenerOptions,
  onStream: (stream: ByteStream) => void,
): Promise<StreamListener> {
  const local = formatEndpoint(endpoint);
  const kind = {
    endpoint: local,
    listen: { path: endpoint.path },
    endpointOf: () => local,
    // The peer of a Unix socket has no name of its own.
    namesOf: () => ({ local, remote: "unix:" }),
  };
  try {
    return await nodeListen(kind, options, onStream);
  } catch (error) {
    if (!(error instanceof UsageError) || error.code !== "ERR_ADDRESS_IN_USE") throw error;
    if (!(await isStale(endpoint.path))) throw error;
    await unlink(endpoint.path);
    return nodeListen(kind, options, onStream);
  }
}

/** A process that died leaves its socket file behind: nobody answers there (ECONNREFUSED, connect(2)). */
async function isStale(path: string): Promise<boolean> {
  if (!(await lstat(path)).isSocket()) return false;
  return new Promise((resolve) => {
    const probe = net.connect({ path });
    probe.once("connect", () => {
      probe.destroy();
      resolve(false);
    });
    probe.once("error", (error) => resolve(systemCode(error) === "ECONNREFUSED"));
  });
}
