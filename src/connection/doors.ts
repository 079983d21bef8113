// Several endpoints opened as one, each a door through which streams come in.
// Invariant: all doors are open or none is, and nobody is let in before; a stream is somebody's or it is cut.

import { type Endpoint, parseEndpoint } from "../core/endpoint.js";
import { UsageError } from "../core/errors.js";
import { limit, limits } from "../core/limits.js";
import { Ranges } from "../core/ranges.js";
import type { ByteStream } from "../transport/byte-stream.js";
import { descriptorLimit } from "../transport/descriptors.js";
import { streamTransport } from "../transport/index.js";
import type { StreamListener } from "../transport/transport.js";
import { Connection } from "./connection.js";
import { Gate } from "./gate.js";
import { Link } from "./link.js";
import {
  type BehindProxyOptions,
  formatFor,
  type ListenOptions,
  type Settings,
  settingsOf,
} from "./options.js";

export interface ListenerStats {
  /** Connections that are open or wait to be taken, and those whose handler has not returned. */
  readonly open: number;
  readonly accepted: number;
  /** Turned away, because a bound was met or descriptors ran out. */
  readonly refused: number;
}

export class Doors<Send, Receive> {
  readonly #settings: Settings<Send, Receive>;
  readonly #gate: Gate;
  readonly #signal: AbortSignal | undefined;
  readonly #doors: StreamListener[] = [];
  /** Those that came before all doors were open. */
  #held: ByteStream[] = [];
  #onStream: (stream: ByteStream) => void = (stream) => void this.#held.push(stream);
  #onAbort: () => void = () => {};

  private constructor(
    settings: Settings<Send, Receive>,
    options: Pick<ListenOptions, "connectionsMax" | "connectionsPerAddressMax" | "observer" | "signal">,
    turnedAwayMax: number,
    trustedProxies: Ranges | undefined,
  ) {
    this.#settings = settings;
    this.#signal = options.signal;
    const connectionsMax = Math.min(
      limit("connectionsMax", options.connectionsMax),
      Math.max(1, descriptorLimit() - limits.descriptorReserve),
    );
    const connectionsPerAddressMax = limit("connectionsPerAddressMax", options.connectionsPerAddressMax);
    const bounds = { connectionsMax, connectionsPerAddressMax, turnedAwayMax, trustedProxies };
    this.#gate = new Gate(bounds, settings.stream.clock, options.observer);
  }

  /**
   * @param as Of WebSockets: messages for connections, or their bytes for sessions.
   * @param turnedAwayMax Streams above `connectionsMax`, or on reserved descriptors, that come in all the same: then
   * `isOverfull` is true.
   * @throws UsageError as `listen` does; the signal's own reason if it was aborted before all were open.
   */
  static async open<Frame, Send, Receive>(
    endpoints: string | readonly string[],
    options: ListenOptions<Frame, Send, Receive>,
    as: "records" | "bytes" = "records",
    turnedAwayMax = 0,
  ): Promise<Doors<Send, Receive>> {
    const parsed = (typeof endpoints === "string" ? [endpoints] : endpoints).map(parseEndpoint);
    if (parsed.length === 0) throw new UsageError("there is no endpoint to listen on", { op: "listen" });
    const settings = settingsOf(options, parsed);
    checkAttached(parsed, options);
    const { proxyProtocol } = options;
    const trustedProxies = trustedBy(options);
    const doors = new Doors(settings, options, turnedAwayMax, trustedProxies);
    const gate = doors.#gate;
    const listenerOptions = {
      ...settings.stream,
      asRecords: as === "records",
      server: options.server,
      path: options.path,
      backlog: limit("backlog", options.backlog),
      reservedMax: turnedAwayMax,
      trustedProxies,
      proxyProtocol,
      admit: gate.admit.bind(gate),
      leave: gate.leave.bind(gate),
      rename: gate.rename.bind(gate),
      onRefused: gate.refuse.bind(gate),
    };
    try {
      for (const endpoint of parsed) {
        options.signal?.throwIfAborted();
        const transport = streamTransport(endpoint, "listen", options.network);
        const door = await transport.listen(endpoint, listenerOptions, (stream) => doors.#onStream(stream));
        doors.#doors.push(door);
      }
      options.signal?.throwIfAborted();
    } catch (error) {
      await doors.close();
      throw error;
    }
    return doors;
  }

  /** The first endpoint, with the port that was chosen. */
  get endpoint(): string {
    return this.#doors[0]?.endpoint ?? "";
  }

  /** All endpoints, in the order given. */
  get endpoints(): string[] {
    return this.#doors.map(({ endpoint }) => endpoint);
  }

  /** More streams are in than may stay. */
  get isOverfull(): boolean {
    return this.#gate.isOverfull;
  }

  /** Counts a stream that came in and was turned away, and tells of it as the first door's. */
  refuse(reason: string): void {
    const [door] = this.#doors;
    if (door !== undefined) this.#gate.refuse(reason, door);
  }

  get stats(): ListenerStats {
    const { open, accepted, refused } = this.#gate;
    return { open, accepted, refused };
  }

  /** From now on streams go to `onStream`, and the signal to `onAbort`. */
  start(onStream: (stream: ByteStream) => void, onAbort: () => void): void {
    this.#onStream = onStream;
    for (const stream of this.#held.splice(0)) onStream(stream);
    this.#onAbort = onAbort;
    this.#signal?.addEventListener("abort", onAbort, { once: true });
    // Between the opening and now.
    if (this.#signal?.aborted) onAbort();
  }

  /** The connection over a stream that came in. It has its place until `leave`. */
  connect(stream: ByteStream, onGone?: (link: Link) => void): Connection<Send, Receive> {
    const link = new Link(stream, this.#settings.link);
    const connection = new Connection(link, formatFor(stream, this.#settings));
    link.onGone = onGone;
    link.start();
    return connection;
  }

  /** Its place is another's from now on. */
  leave(remote: string): void {
    this.#gate.leave(remote);
  }

  /** Frees the addresses. What came in and was given to nobody is cut. */
  async close(): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#gate.close();
    const closed = Promise.all(this.#doors.map((door) => door.close()));
    for (const stream of this.#held.splice(0)) {
      const connection = this.connect(stream, () => this.leave(stream.remote));
      connection.abort("not all endpoints could be listened on");
    }
    await closed;
  }
}

/** @throws UsageError for a server, or a path of one, that nothing here is attached to. */
function checkAttached(endpoints: readonly Endpoint[], { server, path }: AttachOptions): void {
  if (endpoints.some((endpoint) => "host" in endpoint && "path" in endpoint && endpoint.host === "")) return;
  if (server === undefined && path === undefined) return;
  const name = server === undefined ? "path" : "server";
  const advice = `write ws:${path ?? "/path"} to be at a path of your own HTTP server, or leave it out`;
  throw new UsageError(`${name} is for ws:/path alone`, { op: "listen", advice });
}

type AttachOptions = Pick<ListenOptions, "server" | "path">;

/** @throws UsageError for what is no range, and for a PROXY protocol with nobody to speak it. */
export function trustedBy({ trustedProxies, proxyProtocol }: BehindProxyOptions): Ranges | undefined {
  if (trustedProxies !== undefined) return new Ranges(trustedProxies, "trustedProxies");
  if (proxyProtocol !== true) return undefined;
  const advice = 'list those that send PROXY headers: trustedProxies: ["10.0.0.0/8"]';
  throw new UsageError("proxyProtocol has nobody to trust", { op: "listen", advice });
}
