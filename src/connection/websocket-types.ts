// The types of connections whose endpoint says in the source that it is a WebSocket: without what WebSocket has not.

import type { Connection } from "./connection.js";
import type { ConnectOptions, ListenOptions } from "./options.js";
import type { ServeOptions } from "./serve.js";

/** `ws://host:port/path`, `wss://…`, `ws:/path`. */
export type WebSocketAddress = `${"ws" | "wss"}:${string}`;

/** A WebSocket has no half-close, no framing of its own, and TLS from its beginning or never. */
export type WebSocketConnection<Send = Uint8Array, Receive = Send> = Omit<
  Connection<Send, Receive>,
  "end" | "reframe" | "startTls"
>;

export type WebSocketConnectOptions<Send, Receive> = Omit<
  ConnectOptions<Uint8Array, Send, Receive>,
  "framing"
>;

export type WebSocketListenOptions<Send, Receive> = Omit<ListenOptions<Uint8Array, Send, Receive>, "framing">;

export type WebSocketServeOptions<Send, Receive> = Omit<ServeOptions<Uint8Array, Send, Receive>, "framing">;
