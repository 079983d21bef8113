// Listening: accepted connections, one by one.
// Invariant: an accepted connection is either in somebody's hands, waiting to be taken, or closed.

import { AsyncQueue } from "../core/async-queue.js";
import type { Clock } from "../core/clock.js";
import { parseEndpoint } from "../core/endpoint.js";
import { UsageError } from "../core/errors.js";
import { limit, limits } from "../core/limits.js";
import type { ByteStream } from "../transport/byte-stream.js";
import { descriptorLimit } from "../transport/descriptors.js";
import { streamTransport } from "../transport/index.js";
import type { StreamListener } from "../transport/transport.js";
import { Connection } from "./connection.js";
import { Gate } from "./gate.js";
import { Link } from "./link.js";
import { type ListenOptions, settingsOf } from "./options.js";

export interface ListenerStats {
  /** Connections that are open now. */
  readonly open: number;
  readonly accepted: number;
  /** Turned away, because a bound was met or descriptors ran out. */
  readonly refused: number;
}

export class Listener<Send = Uint8Array, Receive = Send>
  implements AsyncIterable<Connection<Send, Receive>>, AsyncDisposable
{
  readonly #doors: readonly StreamListener[];
  readonly #accepted: AsyncQueue<Connection<Send, Receive>>;
  readonly #gate: Gate;

  /** Not for users: `listen` makes listeners. */
  constructor(doors: readonly StreamListener[], accepted: AsyncQueue<Connection<Send, Receive>>, gate: Gate) {
    this.#doors = doors;
    this.#accepted = accepted;
    this.#gate = gate;
  }

  /** The first endpoint, with the port that was chosen. */
  get endpoint(): string {
    return this.#doors[0]?.endpoint ?? "";
  }

  /** All endpoints, in the order given. */
  get endpoints(): string[] {
    return this.#doors.map(({ endpoint }) => endpoint);
  }

  get stats(): ListenerStats {
    const { open, accepted, refused } = this.#gate;
    return { open, accepted, refused };
  }

  /** The next connection; undefined once the listener has closed. An abort ends the wait only. */
  accept(options?: { readonly signal?: AbortSignal }): Promise<Connection<Send, Receive> | undefined> {
    return this.#accepted.take(options);
  }

  [Symbol.asyncIterator](): AsyncIterator<Connection<Send, Receive>> {
    return this.#accepted[Symbol.asyncIterator]();
  }

  /** Takes no more; frees the address. Connections that nobody has taken are aborted, those in use live on. */
  async close(): Promise<void> {
    this.#accepted.end();
    for (let left = this.#accepted.poll(); left !== undefined; left = this.#accepted.poll()) {
      left.abort("the listener closed before anybody took this connection");
    }
    await Promise.all(this.#doors.map((door) => door.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Listens on one endpoint, or on several as one: `tcp://host:port` (0 chooses a port, `*` is every interface),
 * `unix:/path`, `memory:name`.
 * @throws UsageError: a bad endpoint or option, an address in use, one that this process may not have.
 */
export async function listen<Frame = Uint8Array, Send = Frame, Receive = Frame>(
  endpoints: string | readonly string[],
  options: ListenOptions<Frame, Send, Receive> = {},
): Promise<Listener<Send, Receive>> {
  const { signal } = options;
  const accepted = new AsyncQueue<Connection<Send, Receive>>();
  const { doors, gate } = await openDoors(endpoints, options, (connection) => accepted.push(connection));
  const listener = new Listener(doors, accepted, gate);
  const abort = () => void listener.close();
  signal?.addEventListener("abort", abort, { once: true });
  return listener;
}

export interface Doors {
  readonly doors: readonly StreamListener[];
  readonly gate: Gate;
}

/** Opens all of the endpoints or none; each connection that the gate admits goes to `onConnection`. */
export async function openDoors<Frame, Send, Receive>(
  endpoints: string | readonly string[],
  options: ListenOptions<Frame, Send, Receive>,
  onConnection: (connection: Connection<Send, Receive>) => void,
): Promise<Doors> {
  const parsed = (typeof endpoints === "string" ? [endpoints] : endpoints).map(parseEndpoint);
  if (parsed.length === 0) throw new UsageError("there is no endpoint to listen on", { op: "listen" });
  const settings = settingsOf(options);
  const gate = gateOf(options as ListenOptions<never, never, never>, settings.stream.clock);
  const onGone = ({ stream }: Link) => gate.leave(stream.remote);
  const onStream = (stream: ByteStream) => {
    if (!gate.admit(stream.remote)) return stream.abort();
    const link = new Link(stream, settings.link);
    const connection = new Connection(link, settings);
    link.onGone = onGone;
    link.start();
    onConnection(connection);
  };
  const backlog = limit("backlog", options.backlog);
  const onRefused = (reason: string) => void gate.refuse(reason);
  const doors: StreamListener[] = [];
  try {
    for (const endpoint of parsed) {
      options.signal?.throwIfAborted();
      const transport = streamTransport(endpoint, "listen");
      doors.push(await transport.listen(endpoint, { ...settings.stream, backlog, onRefused }, onStream));
    }
  } catch (error) {
    await Promise.all(doors.map((door) => door.close()));
    throw error;
  }
  return { doors, gate };
}

function gateOf(options: ListenOptions<never, never, never>, clock: Clock): Gate {
  const connectionsMax = Math.min(
    limit("connectionsMax", options.connectionsMax),
    Math.max(1, descriptorLimit() - limits.descriptorReserve),
  );
  const connectionsPerAddressMax = limit("connectionsPerAddressMax", options.connectionsPerAddressMax);
  return new Gate({ connectionsMax, connectionsPerAddressMax }, clock, options.observer);
}
