// Accepting with Node's own server (TCP or Unix): admission and bounds, the same whatever is spoken on the sockets then.
// Invariant: whoever comes from a trusted proxy goes by its own name from the start, or is cut; the process keeps `descriptorReserve` descriptors, less `reservedMax`; a connection that would take one is
// reset, and told.

import net from "node:net";

import { endpointOf } from "../core/endpoint.js";
import { nextSocketId, tell } from "../core/lifecycle.js";
import { limits } from "../core/limits.js";
import type { ProxyHeader } from "../protocol/proxy/header.js";
import { descriptorLimit } from "./descriptors.js";
import { cut } from "./node-stream.js";
import { awaitProxyHeader } from "./proxy-header.js";
import { descriptorOf } from "./shared-read.js";
import { systemCode, systemError } from "./system-errors.js";
import type { ListenerOptions, StreamListener } from "./transport.js";

/** What differs between TCP and Unix. */
export interface AcceptKind {
  /** The endpoint asked for, for errors. */
  readonly endpoint: string;
  readonly listen: net.ListenOptions;
  /** What to do about the system's error, where the usual advice does not fit. */
  adviceOn?(code: string | undefined): string | undefined;
  /** The endpoint that it became, once it listens. */
  endpointOf(server: net.Server): string;
  /** Both ends of an accepted socket; undefined if the peer has gone before we looked. */
  namesOf(socket: net.Socket): SocketNames | undefined;
}

/** Both ends of a socket, as endpoints. */
export interface SocketNames {
  readonly local: string;
  readonly remote: string;
}

/**
 * @param onSocket Is given each socket that was admitted: paused, and nothing read from it yet; behind a PROXY header it may
 * hold bytes that were read with it, as if they had been put back.
 */
export async function acceptSockets(
  kind: AcceptKind,
  options: ListenerOptions,
  onSocket: (socket: net.Socket, names: SocketNames) => void,
): Promise<StreamListener> {
  const { observer } = options;
  const id = nextSocketId();
  let { endpoint } = kind;
  tell(observer, { name: "created", id, kind: "listener", local: endpoint });
  const descriptorsMax = descriptorLimit() - limits.descriptorReserve;

  /** What gives up those whose proxies have not said yet who they are. */
  const waiting = new Set<() => void>();
  const awaitHeader = (accepted: net.Socket, names: SocketNames) => {
    const giveUp = () => {
      waiting.delete(giveUp);
      stopWaiting();
      cut(accepted, names.local);
      options.leave(names.remote);
    };
    const stopWaiting = awaitProxyHeader(accepted, options.clock, (header, reason) => {
      if (header === undefined) {
        giveUp();
        // Whoever looks whether we are there has nothing to say.
        if (reason !== "") options.onRefused(reason, { id, endpoint });
        return;
      }
      waiting.delete(giveUp);
      const client = clientOf(header, names);
      if (client === names.remote) onSocket(accepted, names);
      else if (options.rename(names.remote, client, { id, endpoint })) {
        onSocket(accepted, { local: names.local, remote: client });
      } else cut(accepted, names.local);
    });
    waiting.add(giveUp);
  };

  const server = net.createServer({
    allowHalfOpen: true,
    pauseOnConnect: true,
    noDelay: options.noDelay,
    // For sockets that cannot be taken over: `drain` follows every write, and a pause is kept after one read.
    highWaterMark: 1,
  });
  server.on("connection", (accepted) => {
    const names = kind.namesOf(accepted);
    if (names === undefined) {
      accepted.destroy();
      return;
    }
    const descriptor = descriptorOf(accepted) ?? 0;
    if (descriptor >= descriptorsMax + options.reservedMax) {
      cut(accepted, names.local);
      options.onRefused(
        `the process may open ${descriptorLimit()} descriptors and keeps ${limits.descriptorReserve}`,
        { id, endpoint },
      );
      return;
    }
    const isReserved = descriptor >= descriptorsMax;
    if (!options.admit(names.remote, { id, endpoint }, isReserved)) return cut(accepted, names.local);
    if (options.proxyProtocol === true && options.trustedProxies?.hasPeer(names.remote) === true) {
      awaitHeader(accepted, names);
    } else onSocket(accepted, names);
  });
  try {
    await listening(server, { ...kind.listen, backlog: options.backlog });
  } catch (error) {
    const failure = systemError(error, {
      op: "listen",
      endpoint,
      advice: kind.adviceOn?.(systemCode(error)),
    });
    tell(observer, {
      name: "closed",
      id,
      kind: "listener",
      local: kind.endpoint,
      by: "local",
      error: failure,
    });
    throw failure;
  }
  endpoint = kind.endpointOf(server);
  // From here on: a failing accept, of which the next connection knows nothing.
  server.on("error", (error) =>
    options.onRefused(systemError(error, { op: "accept", endpoint }).message, { id, endpoint }),
  );
  tell(observer, { name: "bound", id, kind: "listener", local: endpoint });
  tell(observer, { name: "listening", id, kind: "listener", local: endpoint });

  let open = true;
  return {
    id,
    endpoint,
    async close() {
      if (!open) return;
      open = false;
      // Frees the address at once; its callback would wait for sockets that could not be taken over.
      server.close();
      for (const giveUp of waiting) giveUp();
      tell(observer, {
        name: "closed",
        id,
        kind: "listener",
        local: endpoint,
        by: "local",
        reason: "closed",
      });
    },
  };
}

/** In the scheme of the listener, which at a Unix socket is TCP for who comes from elsewhere. */
function clientOf({ source }: ProxyHeader, { local, remote }: SocketNames): string {
  if (source === undefined) return remote;
  if (source === "unix") return "unix:";
  const [scheme = ""] = local.split(":");
  return endpointOf(scheme === "unix" ? "tcp" : (scheme as "tcp"), source.host, source.port);
}

function listening(server: net.Server, options: net.ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
}
