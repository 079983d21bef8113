// Unix sockets: streams between processes of one machine, under a path in the file system.
// Invariant: a socket file is removed only when nobody answers behind it.

import { lstat, stat, unlink } from "node:fs/promises";
import net from "node:net";
import { dirname } from "node:path";

import { backoffMs } from "../core/backoff.js";
import { pause, withDeadline } from "../core/deadline.js";
import { formatEndpoint, type UnixEndpoint } from "../core/endpoint.js";
import { type ErrorContext, SocketError, TimeoutError, UsageError } from "../core/errors.js";
import type { ByteStream } from "./byte-stream.js";
import { nodeDial } from "./node-dial.js";
import { nodeListen } from "./node-listener.js";
import { systemCode, systemError } from "./system-errors.js";
import type { DialOptions, ListenerOptions, StreamListener, Transport } from "./transport.js";

export const unix: Transport<UnixEndpoint> = { dial, listen };

function dial(endpoint: UnixEndpoint, options: DialOptions): Promise<ByteStream> {
  const { clock, signal, timeoutMs } = options;
  const context = { op: "connect", endpoint: formatEndpoint(endpoint) };
  const onTimeout = () => new TimeoutError(timeoutMs, `no answer within ${timeoutMs} ms`, context);
  const onLate = (late: ByteStream) => late.abort();
  return withDeadline(
    async (stop) => {
      for (let made = 1; ; made += 1) {
        try {
          return await attempt(endpoint, options, stop);
        } catch (error) {
          const cause = error instanceof SocketError ? error.cause : error;
          if (systemCode(cause) !== "EAGAIN") throw systemError(cause, context);
        }
        // More dial than are accepted: where TCP would wait, a Unix socket says so (EAGAIN, connect(2)).
        await pause(clock, backoffMs(made, queueFullMs, queueFullMsMax, Math.random), stop);
      }
    },
    { clock, signal, timeoutMs, onTimeout, onLate },
  );
}

/** Node accepts one connection a turn, and whoever asks again takes from the same turn: soon fewer must ask. */
const queueFullMs = 10;
const queueFullMsMax = 500;

function attempt({ path }: UnixEndpoint, options: DialOptions, stop: AbortSignal): Promise<ByteStream> {
  const target = { remote: `unix:${path}`, connect: { path }, localOf: () => "unix:" };
  const { outcome, cancel } = nodeDial(target, options);
  stop.addEventListener("abort", cancel, { once: true });
  return outcome.finally(() => stop.removeEventListener("abort", cancel));
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
    if (!(error instanceof UsageError)) throw error;
    const context = { op: "listen", endpoint: local, cause: error.cause };
    if (error.code === "ERR_PERMISSION") await checkFolder(endpoint.path, context);
    if (error.code !== "ERR_ADDRESS_IN_USE") throw error;
    await clearStale(endpoint.path, context);
    return nodeListen(kind, options, onStream);
  }
}

/** libuv calls it a matter of permission. @throws UsageError if the folder does not exist. */
async function checkFolder(path: string, context: ErrorContext): Promise<void> {
  const folder = dirname(path);
  const there = await stat(folder).then(
    () => true,
    (error) => systemCode(error) !== "ENOENT",
  );
  if (there) return;
  const advice = "make it first, or choose another path";
  throw new UsageError(`there is no folder ${folder}`, { ...context, advice }, "ERR_ADDRESS_NOT_AVAILABLE");
}

/** Removes what a process that died has left at `path`. @throws UsageError if that is anything else. */
async function clearStale(path: string, context: ErrorContext): Promise<void> {
  const inUse = (reason: string, advice: string) =>
    new UsageError(reason, { ...context, advice }, "ERR_ADDRESS_IN_USE");
  try {
    if (!(await lstat(path)).isSocket()) {
      throw inUse("there is a file at this path, and it is no socket", "choose another path");
    }
    if (!(await isStale(path))) {
      throw inUse("somebody listens on this path", "choose another path, or stop who has it");
    }
    await unlink(path);
  } catch (error) {
    // Whoever had it has removed it meanwhile.
    if (systemCode(error) !== "ENOENT") throw systemError(error, { ...context, cause: error });
  }
}

/** Nobody answers behind the socket file (ECONNREFUSED, connect(2)). */
function isStale(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect({ path });
    probe.once("connect", () => {
      probe.destroy();
      resolve(false);
    });
    probe.once("error", (error) => resolve(systemCode(error) === "ECONNREFUSED"));
  });
}
