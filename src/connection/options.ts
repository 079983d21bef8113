// What a user may say about a connection, and what follows where nothing is said.
// Invariant: options are checked once, before anything is opened.

import type http from "node:http";

import { type Clock, type Random, systemClock } from "../core/clock.js";
import type { Endpoint } from "../core/endpoint.js";
import { UsageError } from "../core/errors.js";
import type { LifecycleObserver } from "../core/lifecycle.js";
import { limit } from "../core/limits.js";
import { bytes } from "../protocol/encoding/bytes.js";
import type { Encoding } from "../protocol/encoding/encoding.js";
import { checkFormat } from "../protocol/format.js";
import { chunks } from "../protocol/framing/chunks.js";
import type { Framing, FramingLimits } from "../protocol/framing/framing.js";
import { records } from "../protocol/framing/records.js";
import type { ByteStream } from "../transport/byte-stream.js";
import type { MemoryNetwork } from "../transport/memory.js";
import type { ProxyHeaderOption } from "../transport/proxy-header.js";
import type { TlsOptions } from "../transport/tls/options.js";
import type { WebSocketOptions } from "../transport/websocket/options.js";
import type { LinkOptions } from "./link.js";

/**
 * How bytes become messages. `Frame` is what the framing alone would deliver, `Send` and `Receive` what the encoding
 * makes of it; without an encoding they are the same.
 */
export interface FormatOptions<Frame, Send, Receive> {
  /** Where a frame begins and ends; not for WebSocket, which keeps messages apart itself. Default: `chunks()`. */
  readonly framing?: Framing<Frame> | undefined;
  /** What is in a frame. Default: what the framing suggests: text for `lines()`, bytes for the others. */
  readonly encoding?: Encoding<Send, Receive> | undefined;
  /** The largest frame taken or sent, in bytes. Default 1 MiB. */
  readonly frameBytesMax?: number | undefined;
  /** The most taken in one read, and the longest message of `chunks()`: the n of recv(n). Default 256 KiB. */
  readonly readBytesMax?: number | undefined;
}

/** The same for what dials and for what listens. Sizes in bytes, times in milliseconds; defaults are in `limits`. */
export interface ConnectionOptions<Frame = Uint8Array, Send = Frame, Receive = Frame>
  extends FormatOptions<Frame, Send, Receive> {
  /** What is taken before `send` waits. */
  readonly sendBufferBytes?: number | undefined;
  /** Unread bytes at which the socket is read no further. */
  readonly receiveBufferBytes?: number | undefined;
  /** Cut the connection when no byte has moved either way for this long, while it is read. Default 0: never. */
  readonly idleTimeoutMs?: number | undefined;
  /** How long `close` waits for a peer that takes nothing of what is still unsent, before it cuts. */
  readonly flushMs?: number | undefined;
  /** How long `close` then waits for the peer's own end, before it releases the connection. */
  readonly lingerMs?: number | undefined;
  /** TCP: false lets the kernel hold small writes back. Default true. */
  readonly noDelay?: boolean | undefined;
  /** TCP: only this family of addresses. */
  readonly family?: 4 | 6 | undefined;
  /** TLS, for `tls://` and `wss://`. What listens there needs `cert` and `key`. */
  readonly tls?: TlsOptions | undefined;
  /** WebSocket, for `ws://` and `wss://`. */
  readonly webSocket?: WebSocketOptions | undefined;
  /** Told of each step in the life of each socket. */
  readonly observer?: LifecycleObserver | undefined;
  readonly clock?: Clock | undefined;
  /** Chance, for the pauses between attempts. */
  readonly random?: Random | undefined;
  /** The network that `memory:` endpoints are on; a simulated one comes from `holdfast/testing`. */
  readonly network?: MemoryNetwork | undefined;
}

/** Pauses between attempts: full jitter between 0 and `baseMs`, doubling up to `maxMs`. */
export interface RetryOptions {
  /** Attempts in all, the first included. Default: no bound but `totalMs`. */
  readonly attempts?: number | undefined;
  readonly baseMs?: number | undefined;
  readonly maxMs?: number | undefined;
  /** For all attempts and pauses together. Default: no bound but `attempts`. */
  readonly totalMs?: number | undefined;
  readonly random?: Random | undefined;
}

export interface ConnectOptions<Frame = Uint8Array, Send = Frame, Receive = Frame>
  extends ConnectionOptions<Frame, Send, Receive> {
  /** For one attempt: name resolution and all addresses. */
  readonly timeoutMs?: number | undefined;
  /** Without it there is one attempt. */
  readonly retry?: RetryOptions | undefined;
  /** Ends the wait; nothing stays open. A connection that is up already is not touched by it. */
  readonly signal?: AbortSignal | undefined;
  /** TCP: the local address to come from. */
  readonly sourceAddress?: string | undefined;
  /** TCP and Unix: the PROXY header to begin with, before TLS: `1`, `2`, or on whose behalf. */
  readonly proxyHeader?: ProxyHeaderOption | undefined;
}

/** Proxies before a listener. The same for whoever listens. */
export interface BehindProxyOptions {
  /**
   * Whose word counts on who its clients are: addresses, ranges (`10.0.0.0/8`), `loopback`, `private`, `unix`. They never
   * count for `connectionsPerAddressMax`, where their clients do. Default: nobody's.
   */
  readonly trustedProxies?: readonly string[] | undefined;
  /**
   * TCP and Unix, and all that is spoken over them: what trusted proxies connect begins with a PROXY header of version 1
   * or 2, or is refused. From others there is none. Default false.
   */
  readonly proxyProtocol?: boolean | undefined;
}

export interface ListenOptions<Frame = Uint8Array, Send = Frame, Receive = Frame>
  extends ConnectionOptions<Frame, Send, Receive>,
    BehindProxyOptions {
  /** Connections that the kernel holds until they are accepted. */
  readonly backlog?: number | undefined;
  /** `ws:/path`: the HTTP server that it is a path of, `node:http`'s or `node:https`'s. */
  readonly server?: http.Server | undefined;
  /** For `ws:` alone: the path, as in `ws:/path`. */
  readonly path?: string | undefined;
  /** Open connections; more are reset. Clamped to the descriptor limit less a reserve. */
  readonly connectionsMax?: number | undefined;
  /** Open connections from one remote address; loopback is never counted. Default 0: no bound. */
  readonly connectionsPerAddressMax?: number | undefined;
  /** Stops listening; connections that were accepted live on. */
  readonly signal?: AbortSignal | undefined;
}

/** How bytes become messages, complete. */
export interface Format<Send, Receive> {
  readonly framing: Framing<unknown>;
  readonly encoding: Encoding<Send, Receive>;
  readonly limits: Required<FramingLimits>;
}

/** A connection's own options, complete. */
export interface Settings<Send, Receive> {
  /** Over a stream of bytes. */
  readonly format: Format<Send, Receive>;
  /** Over a transport that keeps messages apart itself: only the encoding applies. */
  readonly records: Format<Send, Receive>;
  readonly link: LinkOptions;
  readonly stream: {
    readonly readBytesMax: number;
    readonly observer: LifecycleObserver | undefined;
    readonly clock: Clock;
    readonly noDelay: boolean;
    readonly family: 4 | 6 | undefined;
    readonly tls: TlsOptions | undefined;
    readonly webSocket: WebSocketOptions | undefined;
    readonly asRecords: true;
    readonly messageBytesMax: number;
  };
}

/**
 * @param endpoints What it is for: a framing is for those that carry bytes.
 * @throws UsageError for a bound that is none, a framing and an encoding that do not go together, or a framing where
 * there are messages already.
 */
export function settingsOf<Frame, Send, Receive>(
  options: ConnectionOptions<Frame, Send, Receive>,
  endpoints: readonly Endpoint[] = [],
): Settings<Send, Receive> {
  const { observer, clock = systemClock, noDelay = true, family } = options;
  if (family !== undefined && family !== 4 && family !== 6) {
    throw new UsageError(`family must be 4 or 6, got ${String(family)}`);
  }
  const ofRecords = recordsOf(options);
  const carryRecords =
    endpoints.length > 0 && endpoints.every(({ scheme }) => scheme === "ws" || scheme === "wss");
  if (carryRecords && options.framing !== undefined) throw noFraming(options.framing);
  const format = carryRecords ? ofRecords : formatOf(options);
  return {
    format,
    records: ofRecords,
    link: {
      clock,
      observer,
      sendBufferBytes: limit("sendBufferBytes", options.sendBufferBytes),
      sendCallsMax: limit("sendCallsMax", undefined),
      receiveBufferBytes: limit("receiveBufferBytes", options.receiveBufferBytes),
      flushMs: limit("flushMs", options.flushMs),
      lingerMs: limit("lingerMs", options.lingerMs),
      idleTimeoutMs: limit("idleTimeoutMs", options.idleTimeoutMs),
    },
    stream: {
      readBytesMax: format.limits.readBytesMax,
      observer,
      clock,
      noDelay,
      family,
      tls: options.tls,
      webSocket: options.webSocket,
      asRecords: true,
      messageBytesMax: format.limits.frameBytesMax,
    },
  };
}

/** What the stream wants of these. */
export function formatFor<Send, Receive>(
  { carriesRecords }: Pick<ByteStream, "carriesRecords">,
  { format, records }: Pick<Settings<Send, Receive>, "format" | "records">,
): Format<Send, Receive> {
  return carriesRecords === true ? records : format;
}

/** @throws UsageError for a framing. */
export function recordsFormatOf<Frame, Send, Receive>(
  options: FormatOptions<Frame, Send, Receive>,
): Format<Send, Receive> {
  if (options.framing !== undefined) throw noFraming(options.framing);
  return recordsOf(options);
}

function noFraming({ name }: Pick<Framing<unknown>, "name">): UsageError {
  const advice = "leave out framing; encoding alone says what is in a message";
  return new UsageError(`WebSocket keeps messages apart itself, so ${name}() has nothing to do`, { advice });
}

/** Messages as the transport delimits them, with the encoding that the framing of other endpoints would suggest. */
function recordsOf<Frame, Send, Receive>(
  options: FormatOptions<Frame, Send, Receive>,
): Format<Send, Receive> {
  checkCalled("encoding", options.encoding);
  const suggested = (options.framing as Framing<unknown> | undefined)?.defaultEncoding ?? bytes();
  const encoding = (options.encoding ?? suggested) as Encoding<Send, Receive>;
  return { framing: records(encoding.isText === true), encoding, limits: frameLimits(options) };
}

/** @throws UsageError as `settingsOf` does. */
export function formatOf<Frame, Send, Receive>(
  options: FormatOptions<Frame, Send, Receive>,
): Format<Send, Receive> {
  for (const name of ["framing", "encoding"] as const) checkCalled(name, options[name]);
  const framing = (options.framing ?? chunks()) as Framing<unknown>;
  // Without an encoding, Send and Receive are what the framing delivers: the types' own defaults say so.
  const encoding = (options.encoding ?? framing.defaultEncoding) as Encoding<Send, Receive>;
  checkFormat(framing, encoding);
  return { framing, encoding, limits: frameLimits(options) };
}

function frameLimits(
  options: Pick<FormatOptions<never, never, never>, keyof FramingLimits>,
): Required<FramingLimits> {
  return {
    frameBytesMax: limit("frameBytesMax", options.frameBytesMax),
    readBytesMax: limit("readBytesMax", options.readBytesMax),
  };
}

/** `framing: lines` reads so well that it is written. */
function checkCalled(option: string, given: unknown): void {
  if (typeof given !== "function") return;
  const { name } = given;
  throw new UsageError(`${option} is the function ${name}`, { advice: `call it: ${name}()` });
}
