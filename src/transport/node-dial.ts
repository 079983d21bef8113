// One attempt to connect one of Node's sockets to one address.
// Invariant: its life is told to the end, whether it connects, fails or is given up.

import net from "node:net";

import { UsageError } from "../core/errors.js";
import { type LifecycleEvent, nextSocketId, tell } from "../core/lifecycle.js";
import type { SocketNames } from "./accept.js";
import { cut, NodeStream, readInto } from "./node-stream.js";
import { proxyHeaderFor } from "./proxy-header.js";
import type { Attempt } from "./race.js";
import { systemError } from "./system-errors.js";
import type { DialOptions } from "./transport.js";

export interface NodeDialTarget {
  /** The one address as an endpoint, for events and errors. */
  readonly remote: string;
  readonly connect: net.NetConnectOpts;
  /** Our end, once connected. */
  localOf(socket: net.Socket): string;
}

/** What to make of a socket that has connected, which is paused. */
export interface Reading<Result> {
  readonly onread?: ReturnType<typeof readInto> | undefined;
  wrap(socket: net.Socket, names: DialledNames): Result;
}

export interface DialledNames extends SocketNames {
  readonly id: number;
}

/** A byte stream. */
export function asStream({ readBytesMax }: DialOptions): Reading<NodeStream> {
  return { onread: readInto(readBytesMax), wrap: (socket, names) => new NodeStream(socket, names) };
}

/** The socket itself, read by its events: for what is spoken over TCP by somebody else's code. */
export interface DialledSocket extends DialledNames {
  readonly socket: net.Socket;
  abort(): void;
}

export const asSocket: Reading<DialledSocket> = {
  wrap: (socket, names) => ({ ...names, socket, abort: () => cut(socket, names.local) }),
};

export function nodeDial<Result>(
  target: NodeDialTarget,
  options: DialOptions,
  reading: Reading<Result>,
): Attempt<Result> {
  const { remote } = target;
  const { proxyHeader } = options;
  const id = nextSocketId();
  const told = (event: Pick<LifecycleEvent, "name"> & Partial<LifecycleEvent>) =>
    tell(options.observer, { ...event, id, kind: "connection", remote });
  told({ name: "created" });
  const connecting: net.NetConnectOpts & { readonly writableHighWaterMark: number } = {
    ...target.connect,
    allowHalfOpen: true,
    noDelay: options.noDelay,
    // Node's own race between addresses is not wanted: there is one address here.
    autoSelectFamily: false,
    // So that `drain` follows every write that is not done at once.
    writableHighWaterMark: 1,
    ...(reading.onread === undefined ? {} : { onread: reading.onread }),
  };
  let socket: net.Socket;
  try {
    socket = net.connect(connecting);
  } catch (cause) {
    // Node's own checks throw, where the system's answer comes as an event.
    const error = new UsageError(messageOf(cause), { endpoint: remote, cause });
    told({ name: "closed", by: "local", error });
    return { outcome: Promise.reject(error), cancel() {} };
  }
  // Nothing is read before somebody listens.
  socket.pause();
  let over = false;
  const outcome = new Promise<Result>((resolve, reject) => {
    const fail = (cause: unknown) => {
      over = true;
      const error = systemError(cause, { endpoint: remote });
      told({ name: "closed", by: "network", error });
      reject(error);
    };
    socket.once("error", fail);
    socket.once("connect", () => {
      socket.removeListener("error", fail);
      // A fresh socket takes it at once.
      if (proxyHeader !== undefined) socket.write(proxyHeaderFor(proxyHeader, socket));
      const local = target.localOf(socket);
      told({ name: "bound", local });
      resolve(reading.wrap(socket, { id, local, remote }));
    });
  });
  const cancel = () => {
    if (over) return;
    over = true;
    told({ name: "closed", by: "local", reason: "given up" });
    socket.destroy();
  };
  return { outcome, cancel };
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
