// The network inside this process: names that are listened on, and streams between two holders of one name.
// Invariant: nobody is called back inside their own call. All that travels is a task for `defer`, so that whoever
// runs the tasks (a simulator) owns the order of everything.

import type { MemoryEndpoint } from "../core/endpoint.js";
import { DisconnectedError, SocketError, UsageError } from "../core/errors.js";
import { nextSocketId, tell } from "../core/lifecycle.js";
import { limits } from "../core/limits.js";
import type { ByteStream } from "./byte-stream.js";
import { type Defer, joinedStreams, type MemoryPair } from "./memory/stream.js";
import type { DialOptions, ListenerOptions, StreamListener, Transport } from "./transport.js";

export type { Defer, MemoryPair } from "./memory/stream.js";

/** Endpoints `memory:name`. Two networks know nothing of each other's names. */
export class MemoryNetwork implements Transport<MemoryEndpoint> {
  readonly #defer: Defer;
  readonly #listeners = new Map<string, Listening>();

  /** @param defer Runs a task later, in the order given; the event loop's next turn by default. */
  constructor(defer: Defer = nextTurn) {
    this.#defer = defer;
  }

  /** Whether somebody listens is decided when the attempt arrives, not when it is made. */
  async dial({ name }: MemoryEndpoint, { observer, readBytesMax, signal }: DialOptions): Promise<ByteStream> {
    const remote = `memory:${name}`;
    const id = nextSocketId();
    // A dialler has no name of its own, but both sides should call it the same.
    const local = `memory:dialer-${id}`;
    tell(observer, { name: "created", id, kind: "connection", remote });
    try {
      await this.#travel(signal);
      const listening = this.#listeners.get(name);
      if (listening === undefined) throw refused(remote);
      tell(observer, { name: "bound", id, kind: "connection", local, remote });
      const end = { id, local, remote, readBytesMax };
      const { dialer, accepted } = joinedStreams(this.#defer, end, listening.readBytesMax);
      listening.accept(accepted);
      return dialer;
    } catch (reason) {
      const error = reason instanceof SocketError ? reason : undefined;
      const by = error === undefined ? "local" : "remote";
      tell(observer, { name: "closed", id, kind: "connection", remote, by, error });
      throw reason;
    }
  }

  async listen(
    { name }: MemoryEndpoint,
    { admit, observer, readBytesMax }: ListenerOptions,
    onStream: (stream: ByteStream) => void,
  ): Promise<StreamListener> {
    const local = `memory:${name}`;
    if (this.#listeners.has(name)) throw inUse(local);
    const id = nextSocketId();
    const listening: Listening = {
      readBytesMax,
      accept(stream) {
        const { id, local, remote } = stream;
        if (!admit(remote, listener)) return stream.abort();
        tell(observer, { name: "accepted", id, kind: "connection", local, remote });
        onStream(stream);
      },
    };
    this.#listeners.set(name, listening);
    for (const event of ["created", "bound", "listening"] as const) {
      tell(observer, { name: event, id, kind: "listener", local });
    }
    const listener = {
      id,
      endpoint: local,
      close: async () => {
        // Closed before; the name may be another's by now.
        if (this.#listeners.get(name) !== listening) return;
        this.#listeners.delete(name);
        tell(observer, { name: "closed", id, kind: "listener", local, by: "local", reason: "closed" });
      },
    };
    return listener;
  }

  /** Two streams that are connected already, as tests want them. */
  pair({
    readBytesMax = limits.readBytesMax,
  }: {
    readonly readBytesMax?: number | undefined;
  } = {}): MemoryPair {
    const id = nextSocketId();
    const end = { id, local: `memory:dialer-${id}`, remote: "memory:pair", readBytesMax };
    return joinedStreams(this.#defer, end, readBytesMax);
  }

  #travel(signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const abort = () => reject(signal?.reason);
      signal?.addEventListener("abort", abort, { once: true });
      this.#defer(() => {
        signal?.removeEventListener("abort", abort);
        resolve();
      });
    });
  }
}

/** The network of every `memory:` endpoint. It keeps no process alive. */
export const memory: MemoryNetwork = new MemoryNetwork();

/** Two connected streams of that network. */
export function memoryPair(options?: { readonly readBytesMax?: number | undefined }): MemoryPair {
  return memory.pair(options);
}

interface Listening {
  readonly readBytesMax: number;
  accept(stream: ByteStream): void;
}

function nextTurn(task: () => void): void {
  setImmediate(task);
}

function refused(endpoint: string): DisconnectedError {
  return new DisconnectedError("ERR_CONNECTION_REFUSED", "connection refused", {
    op: "connect",
    endpoint,
    advice: "listen on this name first, in the same process",
  });
}

function inUse(endpoint: string): UsageError {
  const advice = "choose another name, or close the listener that has it";
  return new UsageError("the name is in use", { op: "listen", endpoint, advice }, "ERR_ADDRESS_IN_USE");
}
