// What is measured: one way of carrying messages, written as its own documentation would write it.

/** @typedef {(message: Uint8Array) => void} OnMessage Checks a message, and throws if it is not the one expected. */

/**
 * @typedef {object} Flow The messages of one flood.
 * @property {() => Uint8Array | undefined} next The next one, in memory that is used again; undefined when time is up.
 */

/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {(onConnection: () => OnMessage, echo: boolean) => Promise<string>} serve
 *   Listens on the loopback; gives every message to its connection's `onMessage`, and sends it back if `echo`.
 *   Resolves to the endpoint.
 * @property {(endpoint: string, flow: Flow) => Promise<void>} flood Sends all of `flow` and closes.
 * @property {(endpoint: string, onMessage: OnMessage) => Promise<OnMessage>} open
 *   Connects; what comes goes to `onMessage`. Resolves to what sends a message, at once.
 */

export {};
