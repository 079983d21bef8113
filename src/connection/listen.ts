// Listening: accepted connections, one by one.
// Invariant: an accepted connection is in somebody's hands, or waits unread to be taken, or is closed; all but the
// closed have a place among `connectionsMax`, so that what peers can make us hold is bounded.

import { AsyncQueue } from "../core/async-queue.js";
import type { ByteStream } from "../transport/byte-stream.js";
import type { Connection } from "./connection.js";
import { Doors, type ListenerStats } from "./doors.js";
import type { Link } from "./link.js";
import type { ListenOptions } from "./options.js";
import type { WebSocketAddress, WebSocketConnection, WebSocketListenOptions } from "./websocket-types.js";

export class Listener<
  Send = Uint8Array,
  Receive = Send,
  Accepted extends WebSocketConnection<Send, Receive> = Connection<Send, Receive>,
> implements AsyncIterable<Accepted>, AsyncDisposable
{
  readonly #doors: Doors<Send, Receive>;
  readonly #arrived: AsyncQueue<ByteStream> = new AsyncQueue();
  readonly #leave = ({ stream }: Link): void => this.#doors.leave(stream.remote);

  /** Not for users: `listen` makes listeners. */
  constructor(doors: Doors<Send, Receive>) {
    this.#doors = doors;
    doors.start(
      (stream) => void this.#arrived.push(stream),
      () => void this.close(),
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

  get stats(): ListenerStats {
    return this.#doors.stats;
  }

  /**
   * The next connection, which may have ended while it waited; undefined once the listener has closed. Nothing is read
   * from it before. An abort ends the wait only.
   */
  async accept(options?: { readonly signal?: AbortSignal | undefined }): Promise<Accepted | undefined> {
    const stream = await this.#arrived.take(options);
    return (
      stream && (this.#doors.connect(stream, this.#leave) as WebSocketConnection<Send, Receive> as Accepted)
    );
  }

  [Symbol.asyncIterator](): AsyncIterator<Accepted> {
    return {
      next: async () => {
        const value = await this.accept();
        return value === undefined ? { done: true, value } : { done: false, value };
      },
      return: async () => ({ done: true, value: undefined }),
    };
  }

  /** Takes no more; frees the address. Connections that nobody has taken are aborted, those in use live on. */
  async close(): Promise<void> {
    this.#arrived.end();
    for (let left = this.#arrived.poll(); left !== undefined; left = this.#arrived.poll()) {
      this.#doors.connect(left, this.#leave).abort("the listener closed before anybody took this connection");
    }
    await this.#doors.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Listens for WebSockets, as below. */
export function listen<Send = Uint8Array, Receive = Send>(
  endpoints: WebSocketAddress | readonly WebSocketAddress[],
  options?: WebSocketListenOptions<Send, Receive>,
): Promise<Listener<Send, Receive, WebSocketConnection<Send, Receive>>>;
/**
 * Listens on one endpoint, or on several as one: `tcp://host:port` (0 chooses a port, `*` is every interface),
 * `ws://host:port/path`, `ws:/path` at an HTTP server of your own (`server`), `unix:/path`, `memory:name`.
 * @throws UsageError: a bad endpoint or option, an address in use, one that this process may not have; the signal's own
 * reason. Nothing stays open then.
 */
export function listen<Frame = Uint8Array, Send = Frame, Receive = Frame>(
  endpoints: string | readonly string[],
  options?: ListenOptions<Frame, Send, Receive>,
): Promise<Listener<Send, Receive>>;
export async function listen<Frame, Send, Receive>(
  endpoints: string | readonly string[],
  options: ListenOptions<Frame, Send, Receive> = {},
): Promise<Listener<Send, Receive>> {
  return new Listener(await Doors.open(endpoints, options));
}
