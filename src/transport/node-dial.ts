// One attempt to connect one of Node's sockets to one address.

import net from "node:net";

import { nextSocketId, tell } from "../core/lifecycle.js";
import { NodeStream, readInto } from "./node-stream.js";
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

export function nodeDial(target: NodeDialTarget, options: DialOptions): Attempt<NodeStream> {
  const { remote } = target;
  const id = nextSocketId();
  tell(options.observer, { name: "created", id, kind: "connection", remote });
  const connecting: net.NetConnectOpts & { readonly writableHighWaterMark: number } = {
    ...target.connect,
    allowHalfOpen: true,
    noDelay: options.noDelay,
    // Node's own race between addresses is not wanted: there is one address here.
    autoSelectFamily: false,
    // So that `drain` follows every write that is not done at once.
    writableHighWaterMark: 1,
    onread: readInto(options.readBytesMax),
  };
  const socket = net.connect(connecting);
  // Nothing is read before somebody listens.
  socket.pause();
  const outcome = new Promise<NodeStream>((resolve, reject) => {
    const fail = (error: unknown) => {
      const failure = systemError(error, { endpoint: remote });
      tell(options.observer, {
        name: "closed",
        id,
        kind: "connection",
        remote,
        by: "network",
        error: failure,
      });
      reject(failure);
    };
    socket.once("error", fail);
    socket.once("connect", () => {
      socket.removeListener("error", fail);
      const local = target.localOf(socket);
      tell(options.observer, { name: "bound", id, kind: "connection", local, remote });
      resolve(new NodeStream(socket, { id, local, remote }));
    });
  });
  return { outcome, cancel: () => socket.destroy() };
}
