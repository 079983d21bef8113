// Dialling a WebSocket: TCP, the upgrade request over it, and what every other answer means.
// Invariant: an attempt comes to a stream that reads nothing yet, or leaves nothing open, within one deadline.

import type http from "node:http";
import type net from "node:net";
import { WebSocket } from "ws";

import { withDeadline } from "../../core/deadline.js";
import { formatEndpoint, type WebSocketEndpoint } from "../../core/endpoint.js";
import { SocketError, TimeoutError, UsageError } from "../../core/errors.js";
import { tell } from "../../core/lifecycle.js";
import { limits } from "../../core/limits.js";
import { reasonText } from "../../core/reason.js";
import type { ByteStream } from "../byte-stream.js";
import type { Under } from "../http-listener.js";
import { under as underTls } from "../https-door.js";
import type { DialledNames } from "../node-dial.js";
import { dialSocket } from "../tcp.js";
import type { TlsState } from "../tls/state.js";
import { earlyError } from "../tls/tls-stream.js";
import { dialSecure } from "../tls.js";
import type { DialOptions } from "../transport.js";
import { answerError, handshakeError } from "./dial-errors.js";
import { checkWebSocketOptions } from "./options.js";
import { boundOf, streamOver } from "./views.js";
import { WsLink } from "./ws-link.js";

interface Dialled extends DialledNames {
  readonly socket: net.Socket;
  readonly under: Under;
  readonly tls: TlsState | undefined;
  /** What an end before the first byte says of the peer. */
  readonly early: (error: SocketError) => SocketError;
}

export async function dialWebSocket(endpoint: WebSocketEndpoint, options: DialOptions): Promise<ByteStream> {
  const { clock, signal, timeoutMs } = options;
  const context = { op: "connect", endpoint: formatEndpoint(endpoint) };
  checkWebSocketOptions(options.webSocket, context);
  const deadline = clock.now() + timeoutMs;
  const dialled = await dialUnder(endpoint, options);
  const onTimeout = () =>
    new TimeoutError(timeoutMs, `connected, but no answer to the upgrade within ${timeoutMs} ms`, context);
  return withDeadline((stop) => upgrade(endpoint, dialled, options, stop), {
    clock,
    signal,
    timeoutMs: Math.max(0, deadline - clock.now()),
    onTimeout,
    onLate: (late) => late.abort(),
  });
}

/** What HTTP is spoken over: TCP, or TLS over it. */
async function dialUnder(endpoint: WebSocketEndpoint, options: DialOptions): Promise<Dialled> {
  if (endpoint.scheme === "ws") {
    const { abort, ...dialled } = await dialSocket(endpoint, options);
    return { ...dialled, tls: undefined, under: { cut: abort }, early: (error) => error };
  }
  const secured = await dialSecure(endpoint, options);
  const { socket, tls, judge } = secured;
  const { id, local, remote } = secured.wire.stream;
  return {
    id,
    local,
    remote,
    socket,
    tls,
    under: underTls(secured),
    early: (error) => earlyError(error, judge),
  };
}

function upgrade(
  endpoint: WebSocketEndpoint,
  { id, local, remote, socket, under, tls, early }: Dialled,
  options: DialOptions,
  stop: AbortSignal,
): Promise<ByteStream> {
  const { subprotocols = [], headers } = options.webSocket ?? {};
  const context = { op: "connect", endpoint: formatEndpoint(endpoint) };
  const bound = boundOf(options);
  return new Promise((resolve, reject) => {
    const settle = () => stop.removeEventListener("abort", onAbort);
    const fail = (failure: unknown) => {
      settle();
      under.cut();
      const error = failure instanceof SocketError ? { error: failure } : { reason: "given up" };
      const by = stop.aborted || failure instanceof UsageError ? "local" : "remote";
      tell(options.observer, { name: "closed", id, kind: "connection", local, remote, by, ...error });
      reject(failure);
    };
    const onAbort = () => fail(stop.reason);
    stop.addEventListener("abort", onAbort, { once: true });
    if (stop.aborted) return onAbort();
    let ws: WebSocket;
    try {
      ws = new WebSocket(urlOf(endpoint), [...subprotocols], {
        perMessageDeflate: false,
        autoPong: false,
        maxPayload: bound.bytesMax,
        maxHeaderSize: limits.upgradeBytesMax,
        closeTimeout: limits.flushMs,
        // What `Host` leaves out.
        defaultPort: endpoint.scheme === "ws" ? 80 : 443,
        headers: { ...headers },
        createConnection: () => socket,
      } as WebSocket.ClientOptions);
    } catch (cause) {
      return fail(new UsageError(reasonText(cause), { ...context, cause }));
    }
    socket.resume();
    // Its first word ends our wait; another may follow when the socket is cut.
    ws.on("unexpected-response", (_request: http.ClientRequest, response: http.IncomingMessage) => {
      answerError(response, context).then(fail);
    });
    const onError = (error: Error) => fail(early(handshakeError(error, context)));
    ws.once("error", onError).on("error", () => {});
    ws.once("open", () => {
      settle();
      ws.removeListener("error", onError);
      const request = {
        url: endpoint.path,
        headers: { ...headers },
        address: endpoint.host,
        subprotocol: ws.protocol,
      };
      const { clock } = options;
      const parts = { id, local, remote, tls, request, socket, under, isClient: true, clock, bound };
      resolve(streamOver(new WsLink(ws, parts), options));
    });
  });
}

/** In the clear for `ws`, whatever is under the socket; and a zone is nobody else's business (RFC 6874 section 1). */
function urlOf({ host, port, path }: WebSocketEndpoint): string {
  const plain = host.includes(":") ? `[${host.replace(/%.*/, "")}]` : host;
  return `ws://${plain}:${port}${path}`;
}
