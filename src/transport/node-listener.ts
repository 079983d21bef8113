// Listening in the clear (TCP or Unix): each accepted socket becomes a byte stream.
// Invariant: nothing is read from a socket before its stream is started.

import { tell } from "../core/lifecycle.js";
import { type AcceptKind, acceptSockets } from "./accept.js";
import type { ByteStream } from "./byte-stream.js";
import { NodeStream, readByEvents } from "./node-stream.js";
import { adopt, readBuffer } from "./shared-read.js";
import type { ListenerOptions, StreamListener } from "./transport.js";

export function nodeListen(
  kind: AcceptKind,
  options: ListenerOptions,
  onStream: (stream: ByteStream) => void,
): Promise<StreamListener> {
  const { observer, readBytesMax } = options;
  const buffer = readBuffer(readBytesMax);
  return acceptSockets(kind, options, (accepted, names) => {
    const adopted = adopt(accepted, buffer, NodeStream.onRead);
    const stream = new NodeStream(adopted ?? readByEvents(accepted, readBytesMax), names);
    tell(observer, { name: "accepted", id: stream.id, kind: "connection", ...names });
    onStream(stream);
  });
}
