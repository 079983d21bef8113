// The contract by which connections are made and taken, the same for every stream transport.

import type http from "node:http";

import type { Clock } from "../core/clock.js";
import type { Endpoint } from "../core/endpoint.js";
import type { SocketError } from "../core/errors.js";
import type { LifecycleObserver } from "../core/lifecycle.js";
import type { Ranges } from "../core/ranges.js";
import type { ByteStream } from "./byte-stream.js";
import type { ProxyHeaderOption } from "./proxy-header.js";
import type { TlsOptions } from "./tls/options.js";
import type { WebSocketOptions } from "./websocket/options.js";

/** A way to carry byte streams: one per endpoint scheme. */
export interface Transport<E extends Endpoint = Endpoint> {
  /**
   * One attempt to connect. Resolves to a stream that does not read yet.
   * @throws DisconnectedError, TimeoutError, UsageError; the signal's own reason. Nothing stays open then.
   */
  dial(endpoint: E, options: DialOptions): Promise<ByteStream>;
  /**
   * Listens. Each stream that comes in and is admitted goes to `onStream`, which starts or aborts it.
   * @throws UsageError: `ERR_ADDRESS_IN_USE`, `ERR_PERMISSION`, `ERR_ADDRESS_NOT_AVAILABLE`.
   */
  listen(
    endpoint: E,
    options: ListenerOptions,
    onStream: (stream: ByteStream) => void,
  ): Promise<StreamListener>;
}

export interface StreamOptions {
  /** The most bytes taken from the socket in one read. */
  readonly readBytesMax: number;
  readonly observer: LifecycleObserver | undefined;
  readonly clock: Clock;
  /** TCP: false lets the kernel hold small writes back (RFC 896). */
  readonly noDelay: boolean;
  readonly tls?: TlsOptions | undefined;
  readonly webSocket?: WebSocketOptions | undefined;
  /** WebSocket: the streams carry records, one per message, as connections want them; else bytes alone, as sessions do. */
  readonly asRecords?: boolean | undefined;
  /** WebSocket: the longest message taken. */
  readonly messageBytesMax?: number | undefined;
}

export interface DialOptions extends StreamOptions {
  /** For the attempt as a whole, name resolution and every address included. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** TCP: the local address to come from. */
  readonly sourceAddress: string | undefined;
  /** TCP: only this family of addresses. */
  readonly family: 4 | 6 | undefined;
  /** TCP and Unix: a PROXY header goes first, before TLS. */
  readonly proxyHeader?: ProxyHeaderOption | undefined;
}

export interface ListenerOptions extends StreamOptions {
  /** Connections that the kernel holds until they are accepted. */
  readonly backlog: number;
  /** TCP: `*` and names resolve to this family only. */
  readonly family: 4 | 6 | undefined;
  /** `ws:/path`: the HTTP server that it is a path of. */
  readonly server?: http.Server | undefined;
  /** For `ws:` alone: the path, as in `ws:/path`. */
  readonly path?: string | undefined;
  /** So many of the process's reserved descriptors may be taken all the same, by connections that do not stay. */
  readonly reservedMax: number;
  /**
   * Asked before a connection is taken: false turns it away, by a reset where there are resets, and untold.
   * @param isReserved It has one of the reserved descriptors, and must not stay.
   */
  readonly admit: (remote: string, listener: ListenerName, isReserved: boolean) => boolean;
  /** Told when a connection that was admitted has gone before there was a stream over it. */
  readonly leave: (remote: string) => void;
  /**
   * Told who a connection that was admitted is really from, as a trusted proxy says: from then on it is in that name that
   * it has its place, and leaves. False: it has none in that name, and has left.
   */
  readonly rename: (remote: string, client: string, listener: ListenerName) => boolean;
  /** Who may say whom it forwards, by PROXY headers or by HTTP's. */
  readonly trustedProxies?: Ranges | undefined;
  /** TCP and Unix: what a trusted proxy connects begins with a PROXY header, before TLS. */
  readonly proxyProtocol?: boolean | undefined;
  /** Told of each connection that the transport itself turned away, and why. */
  readonly onRefused: (reason: string, listener: ListenerName, error?: SocketError) => void;
}

export interface ListenerName {
  readonly id: number;
  /** With the port that was chosen. */
  readonly endpoint: string;
}

export interface StreamListener extends ListenerName {
  /** Takes no more; streams that were taken live on. Resolves once the address is free. */
  close(): Promise<void>;
}
