// What is measured: one way of carrying messages, written as its own documentation would write it.

/** @typedef {(message: Uint8Array) => void} OnMessage Checks a message, and throws if it is not the one expected. */

/**
 * @typedef {object} Flow The messages of one flood.
 * @property {() => Uint8Array | undefined} next The next one; undefined when time is up. Memory is used again.
 * @property {number} heldBytesMax Bytes that the sender may hold on to without a copy.
 */

/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {(onConnection: () => OnMessage) => Promise<string>} echo
 *   Listens on the loopback; gives every message to its connection's `onMessage`, and sends it back. Resolves to the endpoint.
 * @property {(flow: Flow) => Promise<{ endpoint: string, flooded: Promise<void> }>} flood
 *   Listens on the loopback; sends all of `flow` to the first that connects. The server sends: it is what ws does best,
 *   since its clients must mask every byte.
 * @property {(endpoint: string, onMessage: OnMessage) => Promise<OnMessage>} open
 *   Connects; what comes goes to `onMessage`. Resolves to what sends a message, at once.
 */

export {};
