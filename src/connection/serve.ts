// Serving: a handler per connection, and a way to stop without cutting anybody off.
// Invariant: a handler's end ends its connection, and a handler that throws ends no other.

import { setMaxListeners } from "node:events";

import { type Clock, systemClock, type Timer } from "../core/clock.js";
import { SocketError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import type { StreamListener } from "../transport/transport.js";
import type { Connection } from "./connection.js";
import type { Gate } from "./gate.js";
import { type ListenerStats, openDoors } from "./listen.js";
import type { ListenOptions } from "./options.js";

/** Returns: the connection is closed gracefully. Throws: it is aborted, and `onError` is told. */
export type Handler<Send, Receive> = (
  connection: Connection<Send, Receive>,
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
  readonly onError?: (error: unknown, connection: Connection<Send, Receive>) => void;
}

export interface DrainResult {
  /** Connections that were cut because their handlers had not returned in time. */
  readonly cut: number;
}

export class Server<Send = Uint8Array, Receive = Send> implements AsyncDisposable {
  readonly #doors: readonly StreamListener[];
  readonly #gate: Gate;
  readonly #running: Running<Send, Receive>;
  readonly #clock: Clock;
  #draining: Promise<DrainResult> | undefined;

  /** Not for users: `serve` makes servers. */
  constructor(doors: readonly StreamListener[], gate: Gate, running: Running<Send, Receive>, clock: Clock) {
    this.#doors = doors;
    this.#gate = gate;
    this.#running = running;
    this.#clock = clock;
  }

  /** The first endpoint, with the port that was chosen. */
  get endpoint(): string {
    return this.#doors[0]?.endpoint ?? "";
  }

  /** All endpoints, in the order given. */
  get endpoints(): string[] {
    return this.#doors.map(({ endpoint }) => endpoint);
  }

  /** The connections that are open now. */
  get connections(): Iterable<Connection<Send, Receive>> {
    return this.#running.handlers.keys();
  }

  get stats(): ListenerStats {
    const { open, accepted, refused } = this.#gate;
    return { open, accepted, refused };
  }

  /** Takes no more, tells the handlers by their signal, waits for them, and cuts what is left after `deadlineMs`. */
  drain({ deadlineMs = limits.drainMs }: { readonly deadlineMs?: number } = {}): Promise<DrainResult> {
    this.#draining ??= this.#drain(deadlineMs);
    return this.#draining;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drain().then(() => {});
  }

  async #drain(deadlineMs: number): Promise<DrainResult> {
    const { handlers, stop } = this.#running;
    const doorsClosed = Promise.all(this.#doors.map((door) => door.close()));
    stop.abort(new DOMException("the server is draining", "AbortError"));
    const finished = Promise.all(handlers.values());
    let timer: Timer;
    const deadline = new Promise<void>((resolve) => {
      timer = this.#clock.setTimer(resolve, deadlineMs);
    });
    await Promise.race([finished, deadline]);
    this.#clock.clearTimer(timer);
    const cut = handlers.size;
    for (const connection of handlers.keys()) connection.abort("the server's drain deadline has passed");
    await doorsClosed;
    return { cut };
  }
}

/** The handlers at work, each until its connection has closed. */
interface Running<Send, Receive> {
  readonly handlers: Map<Connection<Send, Receive>, Promise<void>>;
  readonly stop: AbortController;
}

/**
 * Listens as `listen` does, and runs `handler` for each connection.
 * @throws UsageError as `listen` does.
 */
export async function serve<Frame = Uint8Array, Send = Frame, Receive = Frame>(
  endpoints: string | readonly string[],
  handler: Handler<Send, Receive>,
  options: ServeOptions<Frame, Send, Receive> = {},
): Promise<Server<Send, Receive>> {
  const running: Running<Send, Receive> = { handlers: new Map(), stop: new AbortController() };
  // Every handler may listen to it, and none of them is a leak.
  setMaxListeners(0, running.stop.signal);
  const { onError = warn } = options;
  const run = async (connection: Connection<Send, Receive>) => {
    try {
      await handler(connection, { signal: running.stop.signal });
      await connection.close();
    } catch (error) {
      connection.abort(error);
      report(onError, error, connection);
    }
    running.handlers.delete(connection);
  };
  const { doors, gate } = await openDoors(endpoints, options, (connection) => {
    running.handlers.set(connection, run(connection));
  });
  const server = new Server(doors, gate, running, options.clock ?? systemClock);
  options.signal?.addEventListener("abort", () => void server.drain(), { once: true });
  return server;
}

/** What `onError` throws is a mistake of its own, which must not stay hidden, nor end the server. */
function report<C>(onError: (error: unknown, connection: C) => void, error: unknown, connection: C): void {
  try {
    onError(error, connection);
  } catch (mistake) {
    process.emitWarning(mistake instanceof Error ? mistake : String(mistake));
  }
}

function warn(error: unknown): void {
  if (error instanceof SocketError) return;
  process.emitWarning(error instanceof Error ? error : String(error), {
    detail: "thrown by a handler; pass onError",
  });
}
