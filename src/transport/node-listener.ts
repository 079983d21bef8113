// Listening in the clear (TCP or Unix): each accepted socket becomes a byte stream.
// Invariant: nothing is read from a socket before its stream is started.

import type net from "node:net";

import { tell } from "../core/lifecycle.js";
import { type AcceptKind, acceptSockets, type SocketNames } from "./accept.js";
import type { ByteStream } from "./byte-stream.js";
import { NodeStream, readByEvents } from "./node-stream.js";
import { adopt, readBuffer } from "./shared-read.js";
import type { ListenerOptions, StreamListener } from "./transport.js";

export function nodeListen(
  kind: AcceptKind,
  options: ListenerOptions,
  onStream: (stream: ByteStream) => void,
): Promise<StreamListener> {
  return acceptSockets(kind, options, (accepted, names) => {
    const stream = streamOf(accepted, names, options.readBytesMax);
    tell(options.observer, { name: "accepted", id: stream.id, kind: "connection", ...names });
    onStream(stream);
  });
}

/** The byte stream of a socket that was accepted, and not read from yet. */
export function streamOf(accepted: net.Socket, names: SocketNames, readBytesMax: number): NodeStream {
  const adopted = adopt(accepted, readBuffer(readBytesMax), NodeStream.onRead);
  return new NodeStream(adopted ?? readByEvents(accepted, readBytesMax), names);
}
