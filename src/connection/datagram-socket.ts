// A socket for datagrams: each message stands alone, goes to whom the call names, and may be lost on the way.
// Invariant: one bad peer affects no other. What cannot be decoded, or comes while the reader is behind, is counted
// and left out; what is held, in either direction, is bounded in number and in bytes.

import type { Clock } from "../core/clock.js";
import { withDeadline } from "../core/deadline.js";
import { type Endpoint, endpointOf, formatEndpoint } from "../core/endpoint.js";
import {
  ClosedError,
  DisconnectedError,
  LimitError,
  ProtocolError,
  SocketError,
  TimeoutError,
  UsageError,
} from "../core/errors.js";
import { type LifecycleObserver, tell } from "../core/lifecycle.js";
import type { Encoder, Encoding } from "../protocol/encoding/encoding.js";
import type { DatagramAddress, DatagramHandle } from "../transport/datagram.js";
import { systemCode, systemError } from "../transport/system-errors.js";
import { Departures } from "./datagram-departures.js";
import { type Datagram, type DatagramBounds, DatagramInbox } from "./datagram-inbox.js";
import { canonicalHost, Origins, type Reach, Targets } from "./datagram-names.js";
import type { ReceiveOptions } from "./inbox.js";
import type { Closed } from "./link.js";

/** Counters of one datagram socket. `received`, `dropped` and `invalid` together are what arrived. */
export interface DatagramStats {
  /** Handed to the kernel. */
  readonly sent: number;
  /** Taken in for the reader. */
  readonly received: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Left out because the reader was too far behind. What the kernel itself left out is not known here. */
  readonly dropped: number;
  /** Left out because it was too large, did not decode, or came from port 0, where no answer can go; `onError` was told. */
  readonly invalid: number;
}

export interface DatagramSendOptions {
  /** Ends the wait for the name service; the message is not sent then. Without effect once the kernel has it. */
  readonly signal?: AbortSignal | undefined;
}

/** All that `bind` has settled. */
export interface DatagramSettings<Send, Receive> extends DatagramBounds {
  readonly id: number;
  readonly local: string;
  readonly remote: string | undefined;
  /** The peer as it was asked for: `remote`, or a name of it. */
  readonly connect: string | undefined;
  readonly reach: Reach;
  readonly encoding: Encoding<Send, Receive>;
  readonly datagramBytesMax: number;
  readonly timeoutMs: number;
  readonly lingerMs: number;
  readonly broadcast: boolean;
  readonly clock: Clock;
  readonly observer: LifecycleObserver | undefined;
  readonly onError: ((error: SocketError, from: string) => void) | undefined;
}

const done: { readonly done: true; readonly value: undefined } = { done: true, value: undefined };

export class DatagramSocket<Send = Uint8Array, Receive = Send>
  implements AsyncIterable<Datagram<Receive>>, AsyncDisposable
{
  /** Resolves, and never rejects, once the socket is closed. */
  readonly closed: Promise<Closed>;
  readonly #handle: DatagramHandle;
  readonly #settings: DatagramSettings<Send, Receive>;
  readonly #inbox: DatagramInbox<Receive>;
  readonly #origins: Origins = new Origins();
  readonly #targets: Targets;
  readonly #departures: Departures;
  readonly #sendBytesMax: number;
  #encoder: Encoder<Send, Receive>;
  #counts = { sent: 0, received: 0, bytesSent: 0, bytesReceived: 0, dropped: 0, invalid: 0 };
  #closing: Promise<void> | undefined;
  #resolveClosed: (closed: Closed) => void = () => {};

  /** Not for users: `bind` makes datagram sockets. */
  constructor(handle: DatagramHandle, settings: DatagramSettings<Send, Receive>) {
    this.#handle = handle;
    this.#settings = settings;
    this.#inbox = new DatagramInbox(settings, settings.clock, settings.local);
    this.#targets = new Targets(settings.reach);
    this.#departures = new Departures(settings);
    this.#encoder = settings.encoding.open();
    this.#sendBytesMax = Math.min(settings.datagramBytesMax, payloadMax(settings.reach));
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    handle.start({
      onDatagram: (data, host, port) => this.#take(data, this.#origins.nameOf(host, port), port),
      onError: (error) => this.#fail(error),
    });
  }

  /** Unique in this process; the same in every life-cycle event. */
  get id(): number {
    return this.#settings.id;
  }

  /** Where it is bound, with the port that was chosen. */
  get endpoint(): string {
    return this.#settings.local;
  }

  /** Our end, as an endpoint: the same. */
  get local(): string {
    return this.#settings.local;
  }

  /** The one peer of a connected socket. */
  get remote(): string | undefined {
    return this.#settings.remote;
  }

  get stats(): DatagramStats {
    return { ...this.#counts };
  }

  /**
   * Hands one datagram to the kernel. Resolved means just that: UDP promises neither arrival nor order, and nobody
   * answers for it. Rejected means not sent. The message is the caller's again when the call returns.
   * @param to An endpoint, such as a datagram's `from`; a name in it is resolved once. Left out where it is connected.
   * @throws LimitError for a message too large for one datagram, or too many sends under way; UsageError; ProtocolError;
   * on a connected socket DisconnectedError if an earlier one was refused. This one and ClosedError need not be caught.
   */
  send(message: Send, to?: string | Endpoint, options: DatagramSendOptions = {}): Promise<void> {
    const sent = new Promise<void>((resolve, reject) => {
      this.#send(message, to, options).then(resolve, (error: unknown) => {
        // A peer that has gone must not end a process whose sends nobody awaits.
        if (error instanceof DisconnectedError || error instanceof ClosedError) sent.catch(() => {});
        reject(error);
      });
    });
    return sent;
  }

  /**
   * The next datagram; undefined once the socket is closed and what had come is read. An abort or a timeout ends the
   * wait only.
   * @throws BusyError beside another reader; TimeoutError; on a connected socket DisconnectedError
   * (`ERR_CONNECTION_REFUSED`) if nobody listens where we sent to. The socket goes on after it.
   */
  receive(options?: ReceiveOptions): Promise<Datagram<Receive> | undefined> {
    return this.#inbox.receive(options);
  }

  /** Datagram by datagram; ends when we close. Leaving the loop leaves the socket open. */
  [Symbol.asyncIterator](): AsyncIterator<Datagram<Receive>, undefined> {
    return {
      next: async () => {
        const value = await this.#inbox.receive();
        return value === undefined ? done : { done: false, value };
      },
      return: async () => done,
    };
  }

  /** Releases the socket once the kernel has what was sent. What has come can still be read. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #take(data: Uint8Array, from: string, port: number): void {
    const { remote, datagramBytesMax } = this.#settings;
    // From somebody else, between our binding and our connecting.
    if (remote !== undefined && from !== remote) return;
    const bytes = data.length;
    if (!this.#inbox.hasRoom(bytes)) {
      this.#counts.dropped += 1;
      return;
    }
    try {
      if (bytes > datagramBytesMax) throw new LimitError("datagramBytesMax", bytes, datagramBytesMax);
      // RFC 768 lets senders leave it out who want no answer; an echo to it would fail.
      if (port === 0) throw new ProtocolError("ERR_INVALID_BYTES", "remote", "its source port is 0");
      const message = this.#encoder.decode(data, false);
      if (message === undefined)
        throw new ProtocolError("ERR_INVALID_MESSAGE", "remote", "it holds no message");
      this.#counts.received += 1;
      this.#counts.bytesReceived += bytes;
      this.#inbox.push({ data: message, from }, bytes);
    } catch (error) {
      this.#counts.invalid += 1;
      // Whatever the bad bytes left in it is not the next peer's.
      this.#encoder = this.#settings.encoding.open();
      tell(this.#settings.onError, systemError(error, {}).locate("receive", from), from);
    }
  }

  #fail(error: Error): void {
    this.#inbox.fail(systemError(error, { op: "receive", endpoint: this.remote ?? this.local }));
  }

  async #send(
    message: Send,
    to: string | Endpoint | undefined,
    { signal }: DatagramSendOptions,
  ): Promise<void> {
    signal?.throwIfAborted();
    const endpoint = this.#endpointOf(to);
    if (this.#closing !== undefined) throw closedHere(endpoint);
    const failure = this.#inbox.takeFailure();
    if (failure !== undefined) throw failure;
    const data = this.#encoded(message, endpoint);
    this.#departures.begin(data.length, endpoint);
    try {
      const target = this.#isPeer(endpoint) ? undefined : await this.#find(endpoint, signal);
      if (this.remote !== undefined) this.#checkPeer(target, endpoint);
      await this.#handle.send(data, this.remote === undefined ? target : undefined);
      this.#counts.sent += 1;
      this.#counts.bytesSent += data.length;
    } catch (error) {
      throw error === signal?.reason ? error : this.#unsent(error, data, endpoint);
    } finally {
      this.#departures.end(data.length);
    }
  }

  /** The endpoint to send to. @throws UsageError for none at all. */
  #endpointOf(to: string | Endpoint | undefined): string {
    const { remote } = this.#settings;
    const text = to === undefined || typeof to === "string" ? to : formatEndpoint(to);
    const endpoint = text ?? remote;
    if (endpoint === undefined) {
      const advice = "name an endpoint, or bind with { connect }";
      throw new UsageError("there is nobody to send to", { op: "send", advice });
    }
    return endpoint;
  }

  #isPeer(endpoint: string): boolean {
    return endpoint === this.#settings.remote || endpoint === this.#settings.connect;
  }

  /** Addresses are compared, however they were written. @throws UsageError for another than the one we are connected to. */
  #checkPeer(target: DatagramAddress | undefined, endpoint: string): void {
    const { remote } = this.#settings;
    if (target === undefined || endpointOf("udp", canonicalHost(target.host), target.port) === remote) return;
    throw new UsageError(`the socket is connected to ${remote}`, { op: "send", endpoint });
  }

  /** A copy: encoders use their memory again, and callers theirs. */
  #encoded(message: Send, endpoint: string): Uint8Array {
    let data: Uint8Array;
    try {
      data = new Uint8Array(this.#encoder.encode(message));
    } catch (error) {
      throw error instanceof SocketError ? error.locate("send", endpoint) : error;
    }
    if (data.length <= this.#sendBytesMax) return data;
    throw new LimitError("datagramBytesMax", data.length, this.#sendBytesMax, {
      op: "send",
      endpoint,
      advice: "one datagram carries no more: send it as several",
    });
  }

  async #find(endpoint: string, signal: AbortSignal | undefined): Promise<DatagramAddress> {
    const found = this.#targets.find(endpoint);
    if (!(found instanceof Promise)) return found;
    const { clock, timeoutMs } = this.#settings;
    const context = { op: "send", endpoint };
    const onTimeout = () => new TimeoutError(timeoutMs, "the name service does not answer", context);
    return withDeadline(() => found, { clock, timeoutMs, signal, onTimeout });
  }

  #unsent(error: unknown, { length }: Uint8Array, endpoint: string): SocketError {
    const code = systemCode(error);
    // Given up by our own close, or too late for it.
    if (code === "ECANCELED" || code === "ERR_SOCKET_DGRAM_NOT_RUNNING") return closedHere(endpoint);
    return systemError(error, { op: "send", endpoint, advice: this.#adviceOn(code, length) });
  }

  #adviceOn(code: string | undefined, bytes: number): string | undefined {
    if (code === "EMSGSIZE") {
      return `its ${bytes} bytes are more than the way there takes (no way takes more than ${this.#sendBytesMax})`;
    }
    if (code === "EACCES" && !this.#settings.broadcast) return "to broadcast, bind with { broadcast: true }";
    return undefined;
  }

  async #close(): Promise<void> {
    const { id, local, remote, clock, lingerMs, observer } = this.#settings;
    await this.#departures.none(clock, lingerMs);
    await this.#handle.close();
    this.#inbox.end();
    const end: Closed = { by: "local", reason: "closed" };
    tell(observer, { name: "closed", id, kind: "datagram", local, remote, ...end });
    this.#resolveClosed(end);
  }
}

/** 65,535 less the header of UDP and, since its length counts there, of IPv4 (RFC 768, RFC 791 section 3.1). */
function payloadMax(reach: Reach): number {
  return reach === 6 ? 65_535 - 8 : 65_535 - 8 - 20;
}

function closedHere(endpoint: string): ClosedError {
  return new ClosedError("the socket was closed here", { op: "send", endpoint });
}
