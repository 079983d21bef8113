// The network inside this process: names that are listened on, and streams between two holders of one name.
// Invariant: nobody is called back inside their own call. Whatever travels is a matter of the medium: by default the
// event loop's next turn carries it; in a simulation cables do, which are slow and break.

import { withDeadline } from "../core/deadline.js";
import type { MemoryEndpoint } from "../core/endpoint.js";
import { DisconnectedError, SocketError, TimeoutError, UsageError } from "../core/errors.js";
import { nextSocketId, tell } from "../core/lifecycle.js";
import { limits } from "../core/limits.js";
import type { ByteStream } from "./byte-stream.js";
import { direct } from "./memory/direct.js";
import type { Medium, MemoryEnd, MemoryPair } from "./memory/medium.js";
import type { DialOptions, ListenerOptions, StreamListener, Transport } from "./transport.js";

/** Endpoints `memory:name`. Two networks know nothing of each other's names. */
export class MemoryNetwork implements Transport<MemoryEndpoint> {
  readonly #medium: Medium;
  readonly #listeners = new Map<string, Listening>();
  #dialers = 0;

  /** @param medium What carries it; by default the event loop's next turn, without faults. */
  constructor(medium: Medium = direct(nextTurn)) {
    this.#medium = medium;
  }

  /** Whether somebody listens is decided when the attempt arrives, not when it is made. */
  async dial({ name }: MemoryEndpoint, options: DialOptions): Promise<ByteStream> {
    const { clock, observer, readBytesMax, signal, timeoutMs } = options;
    const remote = `memory:${name}`;
    const id = nextSocketId();
    const local = this.#dialerName();
    tell(observer, { name: "created", id, kind: "connection", remote });
    try {
      const end = { id, local, remote, readBytesMax };
      const stream = await withDeadline((stop) => this.#attempt(name, end, stop), {
        clock,
        timeoutMs,
        signal,
        onTimeout: () => unanswered(remote, timeoutMs),
      });
      tell(observer, { name: "bound", id, kind: "connection", local, remote });
      return stream;
    } catch (reason) {
      const error = reason instanceof SocketError ? reason : undefined;
      const by = error === undefined ? "local" : error instanceof TimeoutError ? "network" : "remote";
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
        if (!admit(remote, listener, false)) return stream.abort();
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
    const end = { id: nextSocketId(), local: this.#dialerName(), remote: "memory:pair", readBytesMax };
    return this.#join("pair", end, readBytesMax);
  }

  /** The name is free from now on, as if the process that listened on it had died; its listener is told nothing. */
  forget({ name }: MemoryEndpoint): void {
    this.#listeners.delete(name);
  }

  #attempt(name: string, end: MemoryEnd, stop: AbortSignal): Promise<ByteStream> {
    return new Promise((resolve, reject) => {
      this.#medium.dial(name, (isRefused) => {
        if (stop.aborted) return;
        const listening = isRefused ? undefined : this.#listeners.get(name);
        if (listening === undefined) return this.#medium.answer(name, () => reject(refused(end.remote)));
        const { dialer, accepted } = this.#join(name, end, listening.readBytesMax);
        stop.addEventListener("abort", () => dialer.abort(), { once: true });
        this.#medium.answer(name, () => resolve(dialer));
        listening.accept(accepted);
      });
    });
  }

  #join(name: string, dialer: MemoryEnd, readBytesMax: number): MemoryPair {
    const { local, remote } = dialer;
    const accepted = { id: nextSocketId(), local: remote, remote: local, readBytesMax };
    return this.#medium.join(name, dialer, accepted);
  }

  /** A dialler has no name of its own, but both sides should call it the same. */
  #dialerName(): string {
    this.#dialers += 1;
    return `memory:dialer-${this.#dialers}`;
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

function unanswered(endpoint: string, timeoutMs: number): TimeoutError {
  const reason = `no answer within ${timeoutMs} ms`;
  return new TimeoutError(timeoutMs, reason, { op: "connect", endpoint });
}

function inUse(endpoint: string): UsageError {
  const advice = "choose another name, or close the listener that has it";
  return new UsageError("the name is in use", { op: "listen", endpoint, advice }, "ERR_ADDRESS_IN_USE");
}
