// HTTP on sockets that were admitted: Node's own server, which never listens itself, with a bound on all that a peer may
// do before it has said what it wants.
// Invariant: from its connection, or its last answer, a peer has `handshakeMs` for a whole request header of at most
// `upgradeBytesMax`; whoever exceeds either is answered, told of as a refusal, and gone within `lingerMs`.

import http from "node:http";
import type net from "node:net";
import type { Duplex } from "node:stream";

import type { Timer } from "../core/clock.js";
import type { WebSocketEndpoint } from "../core/endpoint.js";
import type { SocketError } from "../core/errors.js";
import { tell } from "../core/lifecycle.js";
import { limits } from "../core/limits.js";
import { acceptSockets, type SocketNames } from "./accept.js";
import { turnAway } from "./http-answer.js";
import { SecureDoor } from "./https-door.js";
import { cut } from "./node-stream.js";
import { listenOnHost } from "./tcp.js";
import type { TlsState } from "./tls/state.js";
import { tlsError } from "./tls/tls-error.js";
import type { ListenerName, ListenerOptions, StreamListener } from "./transport.js";

export interface HttpListener extends StreamListener {
  /** Emits `upgrade`, if anybody listens for it, as any of Node's. It must be told neither to listen nor to close. */
  readonly server: http.Server;
}

/** One peer that speaks HTTP, until its socket closes or is something else. */
export interface HttpPeer {
  /** Both ends; the client's own name once `goBy` was told it. */
  readonly names: SocketNames;
  /** Inside TLS: what was agreed. */
  readonly tls: TlsState | undefined;
  readonly under: Under;
  /** From now on it is the client that a trusted proxy says it is. False: that one has no place, and this one has left. */
  goBy(remote: string, listener: ListenerName): boolean;
  /** It speaks no HTTP any more: its time is not ours to watch. */
  upgraded(): void;
  /** Whoever has it now tells its server when it leaves. */
  handOver(): void;
}

/** What is under a socket that HTTP or `ws` has: itself, or the stream that TLS is over. */
export interface Under {
  /** How that broke, where the socket above only sees an end. */
  readonly error?: SocketError | undefined;
  /** Releases all of it now, by a reset where there are resets. */
  cut(): void;
}

const peers = new WeakMap<Duplex, HttpPeer>();

/** Who is at the other end of a request's socket; undefined where the server is the user's own. */
export function httpPeerOf(socket: Duplex): HttpPeer | undefined {
  return peers.get(socket);
}

/**
 * Listens for HTTP on the endpoint's host and port, for HTTPS if its scheme is `wss`. Requests go to `onRequest`, and those that ask for an upgrade to the
 * server's own `upgrade` listeners, if it has any.
 * @throws UsageError as every listener does.
 */
export async function listenHttp(
  endpoint: WebSocketEndpoint,
  options: ListenerOptions,
  onRequest: http.RequestListener,
): Promise<HttpListener> {
  const door = new HttpDoor(options, onRequest);
  const secure = endpoint.scheme === "wss" ? new SecureDoor(endpoint, options) : undefined;
  const listener = await listenOnHost(endpoint, options, (kind) =>
    acceptSockets(kind, options, (socket, names) => {
      if (secure === undefined) door.take(socket, names, undefined, { cut: () => cut(socket, names.local) });
      else void secure.take(socket, names, door);
    }),
  );
  door.name = listener;
  const close = async () => {
    secure?.close();
    door.close();
    await listener.close();
  };
  return { id: listener.id, endpoint: listener.endpoint, server: door.server, close };
}

export class HttpDoor {
  readonly server: http.Server;
  readonly #options: ListenerOptions;
  readonly #onRequest: http.RequestListener;
  readonly #open = new Set<Peer>();
  /** For refusals; it listens before it is known. */
  name: ListenerName = { id: 0, endpoint: "" };

  constructor(options: ListenerOptions, onRequest: http.RequestListener) {
    this.#options = options;
    this.#onRequest = onRequest;
    this.server = http.createServer({ maxHeaderSize: limits.upgradeBytesMax, keepAliveTimeout: 0 });
    this.server.on("request", (request, response) => this.#serve(request, response));
    this.server.on("clientError", (error: NodeJS.ErrnoException, socket) =>
      this.#onBadRequest(error, socket),
    );
  }

  take(socket: net.Socket, names: SocketNames, tls: TlsState | undefined, under: Under): void {
    const peer = new Peer(socket, names, tls, under, this.#options);
    peers.set(socket, peer);
    this.#open.add(peer);
    socket.once("close", () => {
      this.#open.delete(peer);
      peer.closed();
    });
    this.#awaitRequest(peer);
    this.server.emit("connection", socket);
    socket.resume();
  }

  /** Those that are being answered have their time for it. */
  close(): void {
    for (const peer of this.#open) if (peer.isIdle) peer.socket.destroy();
  }

  /** For the first request as for each that follows an answer. */
  #awaitRequest(peer: Peer): void {
    const { handshakeMs } = limits;
    peer.isIdle = true;
    peer.limitTime(handshakeMs, () => {
      // Browsers connect ahead of their requests, and say nothing: that is no refusal.
      if (!peer.hasSpoken()) peer.socket.destroy();
      else this.#refuse(peer, 408, `no whole request within ${handshakeMs} ms`);
    });
  }

  #serve(request: http.IncomingMessage, response: http.ServerResponse): void {
    const peer = peers.get(request.socket) as Peer;
    peer.isIdle = false;
    peer.hasSpoken();
    peer.limitTime(limits.flushMs, () => peer.socket.destroy());
    response.once("close", () => {
      if (!peer.isOver && !peer.socket.destroyed) this.#awaitRequest(peer);
    });
    tell(this.#onRequest, request, response);
  }

  #onBadRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
    const peer = peers.get(socket) as Peer;
    if (peer.tls !== undefined && error.code?.startsWith("ERR_SSL_")) {
      // It did not take our certificate, which TLS 1.3 lets it say when the handshake is over for us.
      const refusal = tlsError(error, { op: "accept", endpoint: peer.names.remote });
      this.#options.onRefused(refusal.message, this.name, refusal);
      socket.destroy();
    } else if (!socket.writable || error.code?.startsWith("HPE_") !== true) socket.destroy();
    else if (error.code === "HPE_HEADER_OVERFLOW") {
      this.#refuse(peer, 431, `the request's header is longer than ${limits.upgradeBytesMax} bytes`);
    } else this.#refuse(peer, 400, "this is no HTTP request");
  }

  #refuse(peer: Peer, status: number, reason: string): void {
    // What comes behind a bad request is as bad.
    if (peer.isOver) return;
    peer.upgraded();
    this.#options.onRefused(`HTTP ${status}: ${reason}`, this.name);
    turnAway(peer.socket, this.#options.clock, status, reason);
  }
}

class Peer implements HttpPeer {
  readonly socket: net.Socket;
  names: SocketNames;
  readonly tls: TlsState | undefined;
  readonly under: Under;
  readonly #options: ListenerOptions;
  #timer: Timer;
  #isHandedOver = false;
  #bytesBefore = 0;
  /** No request of its is being answered. */
  isIdle = true;
  /** It is turned away, or speaks something else. */
  isOver = false;

  constructor(
    socket: net.Socket,
    names: SocketNames,
    tls: TlsState | undefined,
    under: Under,
    options: ListenerOptions,
  ) {
    this.socket = socket;
    this.names = names;
    this.tls = tls;
    this.under = under;
    this.#options = options;
  }

  /** @param onExpired Called unless something else happens first. */
  limitTime(delayMs: number, onExpired: () => void): void {
    const { clock } = this.#options;
    clock.clearTimer(this.#timer);
    this.#timer = clock.setTimer(onExpired, delayMs);
  }

  /** Whether a byte has come since this was last asked. */
  hasSpoken(): boolean {
    const before = this.#bytesBefore;
    this.#bytesBefore = this.socket.bytesRead;
    return this.#bytesBefore > before;
  }

  goBy(remote: string, listener: ListenerName): boolean {
    if (remote === this.names.remote) return true;
    const isIn = this.#options.rename(this.names.remote, remote, listener);
    this.names = { ...this.names, remote };
    if (!isIn) this.handOver();
    return isIn;
  }

  upgraded(): void {
    this.isIdle = false;
    this.isOver = true;
    this.#options.clock.clearTimer(this.#timer);
  }

  handOver(): void {
    this.#isHandedOver = true;
  }

  closed(): void {
    this.#options.clock.clearTimer(this.#timer);
    if (!this.#isHandedOver) this.#options.leave(this.names.remote);
  }
}
