// Unix sockets: streams between processes of one machine, under a path in the file system.
// Invariant: a socket file is removed only when nobody answers behind it, and of several who find it so
// at once one listens.

import { lstat, unlink } from "node:fs/promises";
import net from "node:net";
import { dirname } from "node:path";

import { backoffMs } from "../core/backoff.js";
import type { Clock } from "../core/clock.js";
import { pause, withDeadline } from "../core/deadline.js";
import { formatEndpoint, type UnixEndpoint } from "../core/endpoint.js";
import { SocketError, TimeoutError, UsageError } from "../core/errors.js";
import type { ByteStream } from "./byte-stream.js";
import { asStream, nodeDial } from "./node-dial.js";
import { nodeListen } from "./node-listener.js";
import { withPathLock } from "./path-lock.js";
import { checkProxyHeader } from "./proxy-header.js";
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
      checkProxyHeader(options.proxyHeader, context.endpoint);
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
  const { outcome, cancel } = nodeDial(target, options, asStream(options));
  stop.addEventListener("abort", cancel, { once: true });
  return outcome.finally(() => stop.removeEventListener("abort", cancel));
}

/** Under a lock beside the path: else two could find one stale file, and each remove what the other has just bound. */
async function listen(
  endpoint: UnixEndpoint,
  options: ListenerOptions,
  onStream: (stream: ByteStream) => void,
): Promise<StreamListener> {
  const { path } = endpoint;
  const local = formatEndpoint(endpoint);
  const kind = {
    endpoint: local,
    listen: { path },
    endpointOf: () => local,
    // The peer of a Unix socket has no name of its own.
    namesOf: () => ({ local, remote: "unix:" }),
    adviceOn,
  };
  try {
    return await withPathLock(`${path}.lock`, options.clock, async () => {
      await clearStale(path, local, options.clock);
      return nodeListen(kind, options, onStream);
    });
  } catch (error) {
    throw failureOf(error, path, local);
  }
}

function failureOf(error: unknown, path: string, endpoint: string): SocketError {
  const code = systemCode(error) ?? "";
  const context = { op: "listen", endpoint, cause: error };
  if (code === "ENOENT" || code === "ENOTDIR") {
    const advice = "make it first, or choose another path";
    const reason = `there is no folder ${dirname(path)}`;
    return new UsageError(reason, { ...context, advice }, "ERR_ADDRESS_NOT_AVAILABLE");
  }
  return systemError(error, { ...context, advice: adviceOn(code) });
}

const inUseAdvice = "choose another path, or stop who has it";

function adviceOn(code: string | undefined): string | undefined {
  if (code === "EADDRINUSE") return inUseAdvice;
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") return "check who may write to its folder";
  return undefined;
}

/** Removes what a process that died has left at `path`. @throws UsageError if that is anything else. */
async function clearStale(path: string, endpoint: string, clock: Clock): Promise<void> {
  const inUse = (reason: string, advice: string) =>
    new UsageError(reason, { op: "listen", endpoint, advice }, "ERR_ADDRESS_IN_USE");
  try {
    if (!(await lstat(path)).isSocket()) {
      throw inUse("there is a file at this path, and it is no socket", "choose another path");
    }
    if (!(await isStale(path, clock))) throw inUse("somebody listens on this path", inUseAdvice);
    await unlink(path);
  } catch (error) {
    // There is nothing, or whoever had it has removed it meanwhile.
    if (systemCode(error) !== "ENOENT") throw error;
  }
}

/** Nobody answers behind the socket file (ECONNREFUSED, connect(2)). One who answers late is somebody. */
function isStale(path: string, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect({ path });
    const decide = (stale: boolean) => {
      clock.clearTimer(timer);
      probe.destroy();
      resolve(stale);
    };
    const timer = clock.setTimer(() => decide(false), probeMs);
    probe.once("connect", () => decide(false));
    probe.once("error", (error) => decide(systemCode(error) === "ECONNREFUSED"));
  });
}

/** The system answers at once if at all. */
const probeMs = 1_000;
