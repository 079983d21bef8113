// What a user may say about a session, and what follows where nothing is said.
// Invariant: options are checked once, before anything is opened.

import type { RetryOptions } from "../connection/options.js";
import { giveSlab, takeSlab } from "../connection/slabs.js";
import { type Clock, type Random, systemClock } from "../core/clock.js";
import { UsageError } from "../core/errors.js";
import type { LifecycleObserver } from "../core/lifecycle.js";
import { limit, limits } from "../core/limits.js";
import { bytes } from "../protocol/encoding/bytes.js";
import type { Encoding } from "../protocol/encoding/encoding.js";
import type { HeartbeatOptions } from "../protocol/session/heartbeat.js";
import type { SlabSource } from "../protocol/session/outbox.js";
import { type SessionLimits, sessionLimits } from "../protocol/session/session-limits.js";
import type { MemoryNetwork } from "../transport/memory.js";
import type { ProxyHeaderOption } from "../transport/proxy-header.js";
import type { TlsOptions } from "../transport/tls/options.js";
import type { StreamOptions as TransportStreamOptions } from "../transport/transport.js";
import type { WebSocketOptions } from "../transport/websocket/options.js";

/** The same for both sides. Sizes in bytes, times in milliseconds; defaults are in `limits`. */
export interface SessionOptions<Send = Uint8Array, Receive = Send> {
  /** What is in a message. Default: `bytes()`. */
  readonly encoding?: Encoding<Send, Receive> | undefined;
  /** What this side takes from the other; told in the handshake. */
  readonly limits?: Partial<SessionLimits> | undefined;
  readonly heartbeat?:
    | {
        /** A PING after so long without a byte in, or out. */
        readonly pingAfterMs?: number | undefined;
        /** The link is dead after so long without a byte in. */
        readonly deadAfterMs?: number | undefined;
      }
    | undefined;
  /** How long `close` waits for the other side to confirm, before it gives up. */
  readonly drainMs?: number | undefined;
  /** TCP: only this family of addresses. */
  readonly family?: 4 | 6 | undefined;
  /**
   * `required` refuses sessions that are not bound to TLS: then nobody can resume one but over TLS with the same two ends.
   * Browsers and proxies that end TLS cannot be bound. Default: `offered`, which binds where both ends can.
   */
  readonly binding?: "offered" | "required" | undefined;
  /** TLS, for `tls://` and `wss://`. What listens there needs `cert` and `key`. */
  readonly tls?: TlsOptions | undefined;
  /** WebSocket, for `ws://` and `wss://`. */
  readonly webSocket?: WebSocketOptions | undefined;
  /** Told of each step in the life of each socket and each session. */
  readonly observer?: LifecycleObserver | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  /** The network that `memory:` endpoints are on; a simulated one comes from `holdfast/testing`. */
  readonly network?: MemoryNetwork | undefined;
}

export interface OpenSessionOptions<Send = Uint8Array, Receive = Send> extends SessionOptions<Send, Receive> {
  /** For one attempt: name resolution, all addresses, and the handshake. */
  readonly timeoutMs?: number | undefined;
  /**
   * For the first link: without it there is one attempt. Its pauses hold for later links too, which are dialled again
   * until the session expires.
   */
  readonly retry?: RetryOptions | undefined;
  /** Ends the wait for the first link; nothing stays open. A session that is open is not touched by it. */
  readonly signal?: AbortSignal | undefined;
  /** TCP: the local address to come from. */
  readonly sourceAddress?: string | undefined;
  /** TCP and Unix: the PROXY header that each link begins with, before TLS: `1`, `2`, or on whose behalf. */
  readonly proxyHeader?: ProxyHeaderOption | undefined;
}

/** A session's own options, complete. */
export interface SessionSettings<Send, Receive> {
  readonly encoding: Encoding<Send, Receive>;
  readonly limits: SessionLimits;
  readonly heartbeat: HeartbeatOptions;
  readonly bindingRequired: boolean;
  readonly drainMs: number;
  readonly lingerMs: number;
  readonly ackDelayMs: number;
  readonly observer: LifecycleObserver | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly slabs: SlabSource;
  readonly stream: TransportStreamOptions & { readonly family: 4 | 6 | undefined };
}

/** @throws UsageError for a bound that is none, or bounds that do not go together. */
export function sessionSettings<Send, Receive>(
  options: SessionOptions<Send, Receive>,
): SessionSettings<Send, Receive> {
  const { observer, clock = systemClock, random = Math.random, family } = options;
  if (family !== undefined && family !== 4 && family !== 6) {
    throw new UsageError(`family must be 4 or 6, got ${String(family)}`);
  }
  if (typeof options.encoding === "function") {
    throw new UsageError("encoding is a function", { advice: "call it: json()" });
  }
  const { binding = "offered" } = options;
  if (binding !== "offered" && binding !== "required") {
    throw new UsageError(`binding must be offered or required, got ${String(binding)}`);
  }
  const pingAfterMs = limit("pingAfterMs", options.heartbeat?.pingAfterMs, "heartbeat.pingAfterMs");
  const deadAfterMs = limit("deadAfterMs", options.heartbeat?.deadAfterMs, "heartbeat.deadAfterMs");
  if (pingAfterMs === 0 || deadAfterMs <= pingAfterMs) {
    throw new UsageError(
      `heartbeat.deadAfterMs must be above pingAfterMs, which is ${pingAfterMs}, got ${deadAfterMs}`,
    );
  }
  return {
    // Without an encoding, Send and Receive are bytes: the types' own defaults say so.
    encoding: options.encoding ?? (bytes() as unknown as Encoding<Send, Receive>),
    limits: sessionLimits(options.limits),
    heartbeat: { pingAfterMs, deadAfterMs, probeMs: limits.probeMs },
    bindingRequired: binding === "required",
    drainMs: limit("drainMs", options.drainMs),
    lingerMs: limits.lingerMs,
    ackDelayMs: limits.ackDelayMs,
    observer,
    clock,
    random,
    slabs: { take: takeSlab, give: giveSlab },
    stream: {
      readBytesMax: limits.readBytesMax,
      observer,
      clock,
      noDelay: true,
      family,
      tls: options.tls,
      webSocket: options.webSocket,
    },
  };
}
