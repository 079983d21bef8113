// WebSocket as a transport: dialled, listened for on a host and port of its own, or attached to a server that is there.

import type http from "node:http";
import type { AddressInfo } from "node:net";

import { endpointOf, formatEndpoint, type WebSocketEndpoint } from "../../core/endpoint.js";
import { UsageError } from "../../core/errors.js";
import { nextSocketId, tell } from "../../core/lifecycle.js";
import type { ByteStream } from "../byte-stream.js";
import { listenHttp } from "../http-listener.js";
import type { ListenerName, ListenerOptions, StreamListener, Transport } from "../transport.js";
import { dialWebSocket } from "./dial.js";
import { checkWebSocketOptions } from "./options.js";
import { takeUpgrades } from "./upgrades.js";

export const webSocket: Transport<WebSocketEndpoint> = { dial: dialWebSocket, listen };

type OnStream = (stream: ByteStream) => void;

function listen(
  endpoint: WebSocketEndpoint,
  options: ListenerOptions,
  onStream: OnStream,
): Promise<StreamListener> {
  const { server } = options;
  const context = { op: "listen", endpoint: formatEndpoint(endpoint) };
  checkWebSocketOptions(options.webSocket, context);
  if (endpoint.path.includes("?")) {
    const advice = "leave out what follows the ?; clients may ask what they like";
    throw new UsageError("the path of what listens has no query", { ...context, advice });
  }
  if (endpoint.host !== "") return listenAlone(endpoint, options, onStream);
  if (server === undefined) {
    const advice = `pass { server }, or write ${endpoint.scheme}://host:port${endpoint.path}`;
    throw new UsageError("a path alone is at an HTTP server of your own, and there is none", {
      ...context,
      advice,
    });
  }
  // An application of express or connect is a function.
  if (typeof server.address !== "function") {
    const advice = "give what http.createServer(), or an application's own listen(), returns";
    throw new UsageError("server is no HTTP server", { ...context, advice });
  }
  return attach(server, { ...endpoint, path: pathOf(endpoint, options.path) }, options, onStream);
}

/** The one in the endpoint, or that of the option. */
function pathOf(endpoint: WebSocketEndpoint, path = endpoint.path): string {
  if (endpoint.path !== "/" && path !== endpoint.path) {
    const context = { op: "listen", endpoint: formatEndpoint(endpoint), advice: "say it once" };
    throw new UsageError(`there are two paths, ${endpoint.path} and ${path}`, context);
  }
  if (!/^\/[!-"$->@-~]*$/.test(path)) {
    const context = { op: "listen", endpoint: formatEndpoint(endpoint), advice: 'write "/path"' };
    throw new UsageError(`path is ${JSON.stringify(path)}, which no request asks for`, context);
  }
  return path;
}

async function listenAlone(
  endpoint: WebSocketEndpoint,
  options: ListenerOptions,
  onStream: OnStream,
): Promise<StreamListener> {
  let name: ListenerName | undefined;
  const listener = await listenHttp(endpoint, options, (_request, response) => {
    if (name !== undefined) options.onRefused("HTTP 426: a request that asks for no WebSocket", name);
    response.writeHead(426, { Upgrade: "websocket", Connection: "close", "Content-Type": "text/plain" });
    response.end("Here is a WebSocket and nothing else: connect with a WebSocket client.\n");
  });
  name = listener;
  const { path } = endpoint;
  const stop = takeUpgrades(listener.server, { path, options, name, isOwnServer: true, onStream });
  const close = () => {
    stop();
    return listener.close();
  };
  return { id: listener.id, endpoint: listener.endpoint, close };
}

/** The server itself is neither told to listen nor to close. */
async function attach(
  server: http.Server,
  endpoint: WebSocketEndpoint,
  options: ListenerOptions,
  onStream: OnStream,
): Promise<StreamListener> {
  const { path } = endpoint;
  const { observer } = options;
  const name = { id: nextSocketId(), endpoint: nameOf(server, endpoint) };
  const stop = takeUpgrades(server, { path, options, name, isOwnServer: false, onStream });
  const told = { id: name.id, kind: "listener", local: name.endpoint } as const;
  for (const event of ["created", "bound", "listening"] as const) tell(observer, { name: event, ...told });
  let isOpen = true;
  const close = async () => {
    stop();
    if (isOpen) tell(observer, { name: "closed", ...told, by: "local", reason: "closed" });
    isOpen = false;
  };
  return { ...name, close };
}

/** Where it is to be dialled, if the server listens already and the system's name for that is a host and a port. */
function nameOf(server: http.Server, endpoint: WebSocketEndpoint): string {
  const address = server.address() as AddressInfo | string | null;
  if (address === null || typeof address === "string") return formatEndpoint(endpoint);
  const scheme = "setSecureContext" in server ? "wss" : "ws";
  return `${endpointOf(scheme, address.address, address.port)}${endpoint.path}`;
}
