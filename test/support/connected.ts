// Two connections that are each other's peer, over the in-process network: no ports, no names, no timers.

import assert from "node:assert/strict";
import { Connection } from "../../src/connection/connection.js";
import { type Dialled, Link } from "../../src/connection/link.js";
import type { Listener } from "../../src/connection/listen.js";
import { type ConnectionOptions, formatFor, settingsOf } from "../../src/connection/options.js";
import type { ByteStream } from "../../src/transport/byte-stream.js";
import { memoryPair } from "../../src/transport/memory.js";

export interface ConnectedPair<Send, Receive> {
  readonly client: Connection<Send, Receive>;
  readonly server: Connection<Send, Receive>;
}

/** Both ends with the same options. */
export function connectedPair<Frame = Uint8Array, Send = Frame, Receive = Frame>(
  options: ConnectionOptions<Frame, Send, Receive> = {},
): ConnectedPair<Send, Receive> {
  const { dialer, accepted } = memoryPair(options);
  return {
    client: connectionOver(dialer, options, { host: undefined }),
    server: connectionOver(accepted, options),
  };
}

/** A connection over any stream: as `connect` makes it where it was dialled, else as `listen` does. */
export function connectionOver<Frame = Uint8Array, Send = Frame, Receive = Frame>(
  stream: ByteStream,
  options: ConnectionOptions<Frame, Send, Receive> = {},
  dialled?: Dialled,
): Connection<Send, Receive> {
  const settings = settingsOf(options);
  const link = new Link(stream, settings.link, dialled);
  const connection = new Connection(link, formatFor(stream, settings));
  link.start();
  return connection;
}

/** The next connection that comes to a listener. */
export async function accepted<Send, Receive>(
  listener: Listener<Send, Receive>,
): Promise<Connection<Send, Receive>> {
  const connection = await listener.accept();
  assert.ok(connection !== undefined, "the listener was closed");
  return connection;
}

/** All that comes until the peer ends, joined. */
export async function allOf(connection: Connection<string>): Promise<string> {
  let all = "";
  for await (const chunk of connection) all += chunk;
  return all;
}

/** Lets everything happen that is due: several turns of the event loop. */
export async function turns(count = 8): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
