// The WebSockets of one HTTP server: each upgrade request goes to the path it asks for, or is refused in HTTP's words.
// Invariant: what is refused is answered, counted by the listener it came to, and ended; what is not ours is left alone,
// if anybody else listens.

import type http from "node:http";
import type net from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { type WebSocket, WebSocketServer } from "ws";

import { endpointOf, hostOf } from "../../core/endpoint.js";
import { SocketError, UsageError } from "../../core/errors.js";
import { tell } from "../../core/lifecycle.js";
import { limits } from "../../core/limits.js";
import { clientAddress } from "../../protocol/proxy/forwarded.js";
import type { SocketNames } from "../accept.js";
import type { ByteStream } from "../byte-stream.js";
import { turnAway } from "../http-answer.js";
import { type HttpPeer, httpPeerOf } from "../http-listener.js";
import { cut } from "../node-stream.js";
import type { TlsState } from "../tls/state.js";
import { chainOf, stateOf } from "../tls/tls-state.js";
import type { ListenerName, ListenerOptions } from "../transport.js";
import { isOriginAllowed } from "./origin.js";
import { boundOf, streamOver } from "./views.js";
import { WsLink } from "./ws-link.js";

export interface UpgradePath {
  readonly path: string;
  readonly options: ListenerOptions;
  readonly name: ListenerName;
  /** The HTTP server is this listener's alone: whoever came to it is admitted already. */
  readonly isOwnServer: boolean;
  readonly onStream: (stream: ByteStream) => void;
}

const all = new WeakMap<http.Server, Upgrades>();

/**
 * Takes upgrade requests for the path, until the function that it returns is called.
 * @throws UsageError (`ERR_ADDRESS_IN_USE`) if somebody does already.
 */
export function takeUpgrades(server: http.Server, path: UpgradePath): () => void {
  const upgrades = all.get(server) ?? new Upgrades(server);
  all.set(server, upgrades);
  return upgrades.add(path);
}

interface Taken extends UpgradePath {
  readonly handshake: WebSocketServer;
}

class Upgrades {
  readonly #server: http.Server;
  readonly #paths = new Map<string, Taken>();

  constructor(server: http.Server) {
    this.#server = server;
  }

  add(path: UpgradePath): () => void {
    const { webSocket } = path.options;
    if (this.#paths.has(path.path)) {
      const context = { op: "listen", endpoint: path.name.endpoint, advice: "choose another path" };
      throw new UsageError("somebody takes WebSockets at this path", context, "ERR_ADDRESS_IN_USE");
    }
    const handshake = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      autoPong: false,
      maxPayload: boundOf(path.options).bytesMax,
      handleProtocols: (offered) => webSocket?.subprotocols?.find((own) => offered.has(own)) ?? false,
      ...{ closeTimeout: limits.flushMs },
    });
    const taken = { ...path, handshake };
    handshake.on("wsClientError", (error, socket) => {
      this.#refuse(taken, socket, error.message.includes("method") ? 405 : 400, error.message);
    });
    if (this.#paths.size === 0) this.#server.on("upgrade", this.#onUpgrade);
    this.#paths.set(path.path, taken);
    return () => {
      if (this.#paths.get(path.path) !== taken) return;
      this.#paths.delete(path.path);
      if (this.#paths.size === 0) this.#server.removeListener("upgrade", this.#onUpgrade);
    };
  }

  readonly #onUpgrade = (request: http.IncomingMessage, socket: Duplex, head: Buffer): void => {
    const [path = ""] = (request.url ?? "").split("?", 1);
    const taken = this.#paths.get(path);
    if (taken !== undefined) this.#take(taken, request, socket as net.Socket, head);
    else if (this.#server.listenerCount("upgrade") === 1) {
      const [any] = this.#paths.values();
      if (any !== undefined) this.#refuse(any, socket, 404, "there is no WebSocket at this path");
    }
  };

  #take(taken: Taken, request: http.IncomingMessage, socket: net.Socket, head: Buffer): void {
    const { options, name } = taken;
    const { origin, host } = request.headers;
    if (!isOriginAllowed(origin, host, options.webSocket?.origins)) {
      this.#refuse(taken, socket, 403, "pages of this origin may not connect");
      return;
    }
    const peer = httpPeerOf(socket) ?? strangerAt(socket);
    let client: string;
    try {
      client = clientOf(peer.names, request.headers, options);
    } catch (error) {
      this.#refuse(taken, socket, 400, error instanceof SocketError ? error.message : String(error));
      return;
    }
    if (!peer.goBy(client, name)) {
      this.#answer(socket, options, 503, "there is no place");
      return;
    }
    let isOpen = false;
    if (!taken.isOwnServer) {
      if (!options.admit(peer.names.remote, name, false)) {
        this.#answer(socket, options, 503, "there is no place");
        return;
      }
      socket.once("close", () => {
        if (!isOpen) options.leave(peer.names.remote);
      });
    }
    taken.handshake.handleUpgrade(request, socket, head, (ws) => {
      isOpen = true;
      peer.upgraded();
      if (taken.isOwnServer) peer.handOver();
      const stream = streamOver(linkOver(ws, request, socket, peer, options), options);
      tell(options.observer, { name: "accepted", id: stream.id, kind: "connection", ...peer.names });
      taken.onStream(stream);
    });
  }

  #refuse({ options, name }: Taken, socket: Duplex, status: number, reason: string): void {
    options.onRefused(`HTTP ${status}: ${reason}`, name);
    this.#answer(socket, options, status, reason);
  }

  #answer(socket: Duplex, { clock }: ListenerOptions, status: number, reason: string): void {
    httpPeerOf(socket)?.upgraded();
    // RFC 6455 section 4.4: to who asks for another version.
    turnAway(socket, clock, status, reason, status === 400 ? { "Sec-WebSocket-Version": "13" } : {});
  }
}

function linkOver(
  ws: WebSocket,
  { url = "", headers }: http.IncomingMessage,
  socket: net.Socket,
  { names, tls, under }: HttpPeer,
  options: ListenerOptions,
): WsLink {
  const single = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  return new WsLink(ws, {
    ...names,
    tls,
    request: {
      url,
      headers: Object.fromEntries(single),
      address: hostOf(names.remote) ?? "",
      subprotocol: ws.protocol,
    },
    socket,
    under,
    isClient: false,
    clock: options.clock,
    bound: boundOf(options),
  });
}

/** Its own name, or the one that a trusted proxy says. @throws ProtocolError as `clientAddress` does. */
function clientOf(
  { local, remote }: SocketNames,
  headers: http.IncomingHttpHeaders,
  { trustedProxies }: ListenerOptions,
): string {
  const client = trustedProxies && clientAddress(remote, headers, trustedProxies);
  return client === undefined ? remote : endpointOf(schemeIn(local), client.host, client.port);
}

/** A peer of a server that is the user's own, over TLS or not. */
function strangerAt(socket: net.Socket): HttpPeer {
  const isSecure = "encrypted" in socket;
  const scheme = isSecure ? "wss" : "ws";
  const { localAddress = "", localPort = 0, remoteAddress, remotePort = 0 } = socket;
  const local = endpointOf(scheme, localAddress, localPort);
  const remote = remoteAddress === undefined ? "unix:" : endpointOf(scheme, remoteAddress, remotePort);
  let names = { local, remote };
  return {
    get names() {
      return names;
    },
    tls: isSecure && !socket.destroyed ? tlsOf(socket as TLSSocket) : undefined,
    under: { cut: () => (isSecure ? socket.destroy() : cut(socket, local)) },
    goBy(client) {
      names = { local, remote: client };
      return true;
    },
    upgraded() {},
    handOver() {},
  };
}

/** What the user's server agreed on, and whom it has verified. */
function tlsOf(socket: TLSSocket): TlsState {
  // Node has the name, or false.
  const { servername } = socket as unknown as { readonly servername: string | false | null };
  const hasShown = socket.getPeerX509Certificate() !== undefined;
  return stateOf(socket, servername || undefined, socket.authorized && hasShown, chainOf(socket));
}

/** The scheme in a name that `endpointOf` wrote. */
function schemeIn(local: string): "ws" | "wss" {
  return local.startsWith("wss:") ? "wss" : "ws";
}
