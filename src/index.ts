// `holdfast`: sockets, framings, encodings and errors. Loads nothing that it does not use.

export { type BindOptions, bind, type MulticastOptions } from "./connection/bind.js";
export { connect } from "./connection/connect.js";
export type { Connection, ConnectionStats, SendOptions } from "./connection/connection.js";
export type { Datagram } from "./connection/datagram-inbox.js";
export type { DatagramSendOptions, DatagramSocket, DatagramStats } from "./connection/datagram-socket.js";
export type { ListenerStats } from "./connection/doors.js";
export type { ReceiveOptions } from "./connection/inbox.js";
export type { Closed } from "./connection/link.js";
export { type Listener, listen } from "./connection/listen.js";
export type {
  BehindProxyOptions,
  ConnectionOptions,
  ConnectOptions,
  FormatOptions,
  ListenOptions,
  RetryOptions,
} from "./connection/options.js";
export { type DrainResult, type Handler, type ServeOptions, type Server, serve } from "./connection/serve.js";
export type { StartTlsOptions } from "./connection/start-tls.js";
export type {
  WebSocketAddress,
  WebSocketConnection,
  WebSocketConnectOptions,
  WebSocketListenOptions,
  WebSocketServeOptions,
} from "./connection/websocket-types.js";
export { type Clock, type Random, systemClock, type Timer } from "./core/clock.js";
export { type Endpoint, formatEndpoint, parseEndpoint } from "./core/endpoint.js";
export * from "./core/errors.js";
export type { ClosedBy, LifecycleEvent, LifecycleObserver } from "./core/lifecycle.js";
export { type LimitName, limits } from "./core/limits.js";
export { bytes } from "./protocol/encoding/bytes.js";
export type { Encoder, Encoding } from "./protocol/encoding/encoding.js";
export { json } from "./protocol/encoding/json.js";
export { type Charset, type TextOptions, text } from "./protocol/encoding/text.js";
export { withSchema } from "./protocol/encoding/with-schema.js";
export { chunks } from "./protocol/framing/chunks.js";
export { type DelimitedOptions, delimited } from "./protocol/framing/delimited.js";
export type { Framer, Framing, FramingLimits } from "./protocol/framing/framing.js";
export { type LengthPrefixedOptions, lengthPrefixed } from "./protocol/framing/length-prefixed.js";
export { type LinesOptions, lines } from "./protocol/framing/lines.js";
export { type ForwardedOptions, forwarded } from "./protocol/proxy/forwarded.js";
export type { ProxyVersion } from "./protocol/proxy/versions.js";
export type { SessionLimits } from "./protocol/session/session-limits.js";
export type { SessionClosed, UnacknowledgedMessage } from "./session/ending.js";
export { keepSession, openSession, serveSessions } from "./session/index.js";
export type { KeptSession } from "./session/keep-session.js";
export type { OpenSessionOptions, SessionOptions } from "./session/options.js";
export type {
  ServeSessionsOptions,
  SessionHandler,
  SessionServer,
  SessionServerStats,
} from "./session/serve-sessions.js";
export type { OpenStreamOptions, Session, SessionStats } from "./session/session.js";
export type { SessionState } from "./session/states.js";
export type { SessionStream, StreamOptions } from "./session/stream.js";
export type { ProxyHeaderOption } from "./transport/proxy-header.js";
export type { TlsIdentity, TlsOptions } from "./transport/tls/options.js";
export type { TlsCertificate, TlsState } from "./transport/tls/state.js";
export type { WebSocketOptions } from "./transport/websocket/options.js";
export type { UpgradeRequest } from "./transport/websocket/request.js";
