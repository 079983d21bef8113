// Serving: a handler per connection, and a way to stop without cutting anybody off.
// Invariant: a handler's end ends its connection, and a handler that throws ends no other. Each connection has its place
// among `connectionsMax` until it has closed and its handler has returned.

import { setMaxListeners } from "node:events";

import { systemClock } from "../core/clock.js";
import { SocketError, UsageError } from "../core/errors.js";
import { tell } from "../core/lifecycle.js";
import { limit } from "../core/limits.js";
import { reasonText } from "../core/reason.js";
import { reportMistake } from "../core/report.js";
import type { ByteStream } from "../transport/byte-stream.js";
import type { Connection } from "./connection.js";
import { Doors, type ListenerStats } from "./doors.js";
import { Drain } from "./drain.js";
import type { ListenOptions } from "./options.js";
import type { WebSocketAddress, WebSocketConnection, WebSocketServeOptions } from "./websocket-types.js";

/** Returns: the connection is closed gracefully. Throws: it is aborted, and `onError` is told. */
export type Handler<Send, Receive, Accepted = Connection<Send, Receive>> = (
  connection: Accepted,
  context: {
    /** Aborted once the server drains: finish what you do, and return. */ readonly signal: AbortSignal;
  },
) => Promise<void> | void;

export interface ServeOptions<Frame = Uint8Array, Send = Frame, Receive = Frame>
  extends ListenOptions<Frame, Send, Receive> {
  /**
   * Told of each handler that threw. Without it an error of the network is in `connection.closed` and the observer's
   * events only; any other is a mistake in the handler and becomes a process warning.
   */
  readonly onError?: ((error: unknown, connection: Connection<Send, Receive>) => void) | undefined;
}

export interface DrainOptions {
  /** Default 10 s. Of several calls the earliest deadline holds. */
  readonly deadlineMs?: number | undefined;
}

export interface DrainResult {
  /** Connections that were cut: their handlers had not returned in time, or their peers had not taken the rest. */
  readonly cut: number;
}

export class Server<Send = Uint8Array, Receive = Send> implements AsyncDisposable {
  readonly #doors: Doors<Send, Receive>;
  readonly #handler: Handler<Send, Receive>;
  readonly #onError: (error: unknown, connection: Connection<Send, Receive>) => void;
  /** The handlers at work, each until its connection has closed. */
  readonly #running = new Map<Connection<Send, Receive>, Promise<void>>();
  readonly #stop = new AbortController();
  readonly #drain: Drain;

  /** Not for users: `serve` makes servers. */
  constructor(
    doors: Doors<Send, Receive>,
    handler: Handler<Send, Receive>,
    { onError = warn, clock = systemClock }: Pick<ServeOptions<never, Send, Receive>, "onError" | "clock">,
  ) {
    this.#doors = doors;
    this.#handler = handler;
    this.#onError = onError;
    this.#drain = new Drain(clock);
    // Every handler may listen to it, and none of them is a leak.
    setMaxListeners(0, this.#stop.signal);
    doors.start(
      (stream) => this.#take(stream),
      () => void this.drain(),
    );
  }

  /** The first endpoint, with the port that was chosen. */
  get endpoint(): string {
    return this.#doors.endpoint;
  }

  /** All endpoints, in the order given. */
  get endpoints(): string[] {
    return this.#doors.endpoints;
  }

  /** The connections that are open now, and those whose handlers have not returned. */
  get connections(): Iterable<Connection<Send, Receive>> {
    return this.#running.keys();
  }

  get stats(): ListenerStats {
    return this.#doors.stats;
  }

  /**
   * Takes no more, tells the handlers by their signal, waits until each has returned and its connection has closed, and
   * cuts what is left at the deadline.
   * @throws UsageError for a deadline that is none; nothing has begun then.
   */
  async drain({ deadlineMs }: DrainOptions = {}): Promise<DrainResult> {
    const delayMs = limit("drainMs", deadlineMs, "deadlineMs");
    return this.#drain.run(delayMs, async (deadline) => {
      const doorsClosed = this.#doors.close();
      this.#stop.abort(new DOMException("the server is draining", "AbortError"));
      await Promise.race([Promise.all(this.#running.values()), deadline]);
      const cut = this.#running.size;
      for (const connection of this.#running.keys()) {
        connection.abort("the server's drain deadline has passed");
      }
      await doorsClosed;
      return { cut };
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drain().then(() => {});
  }

  #take(stream: ByteStream): void {
    const connection = this.#doors.connect(stream);
    this.#running.set(connection, this.#run(connection));
  }

  async #run(connection: Connection<Send, Receive>): Promise<void> {
    try {
      await this.#handler(connection, { signal: this.#stop.signal });
      await connection.close();
    } catch (error) {
      connection.abort(error);
      tell(this.#onError, error, connection);
    }
    await connection.closed;
    this.#running.delete(connection);
    this.#doors.leave(connection.remote);
  }
}

/** Serves WebSockets, as below. */
export function serve<Send = Uint8Array, Receive = Send>(
  endpoints: WebSocketAddress | readonly WebSocketAddress[],
  handler: Handler<Send, Receive, WebSocketConnection<Send, Receive>>,
  options?: WebSocketServeOptions<Send, Receive>,
): Promise<Server<Send, Receive>>;
/**
 * Listens as `listen` does, and runs `handler` for each connection. The signal begins a drain.
 * @throws UsageError, or the signal's own reason, as `listen` does.
 */
export function serve<Frame = Uint8Array, Send = Frame, Receive = Frame>(
  endpoints: string | readonly string[],
  handler: Handler<Send, Receive>,
  options?: ServeOptions<Frame, Send, Receive>,
): Promise<Server<Send, Receive>>;
export async function serve<Frame, Send, Receive>(
  endpoints: string | readonly string[],
  handler: Handler<Send, Receive>,
  options: ServeOptions<Frame, Send, Receive> = {},
): Promise<Server<Send, Receive>> {
  if (typeof handler !== "function") {
    throw new UsageError("the handler is missing", {
      op: "serve",
      advice: "call serve(endpoint, handler, options)",
    });
  }
  return new Server(await Doors.open(endpoints, options), handler, options);
}

function warn(error: unknown, { local }: { readonly local: string }): void {
  if (error instanceof SocketError) return;
  const reason = error instanceof Error ? error.stack : reasonText(error);
  reportMistake(
    `the handler of ${local} failed, and its connection was cut; pass onError to be told: ${reason}`,
  );
}
