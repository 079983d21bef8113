// `holdfast/client` in Node: sessions with a server, at every endpoint. In browsers client-browser.ts stands for it.

export * from "./core/errors.js";
export { limits } from "./core/limits.js";
export { bytes } from "./protocol/encoding/bytes.js";
export type { Encoder, Encoding } from "./protocol/encoding/encoding.js";
export { json } from "./protocol/encoding/json.js";
export { text } from "./protocol/encoding/text.js";
export { withSchema } from "./protocol/encoding/with-schema.js";
export type { SessionClosed, UnacknowledgedMessage } from "./session/ending.js";
export { keepSession, openSession } from "./session/index.js";
export type { KeptSession } from "./session/keep-session.js";
export type { OpenSessionOptions, SessionOptions } from "./session/options.js";
export type { OpenStreamOptions, Session, SessionStats } from "./session/session.js";
export type { SessionState } from "./session/states.js";
export type { SessionStream, StreamOptions } from "./session/stream.js";
