// Holdfast's plain connection (under lengthPrefixed() where there are no messages yet), and its session: in the two ways
// that their guides show, over TCP, TLS and WebSocket.

import { connect, lengthPrefixed, openSession, serve, serveSessions } from "holdfast";

import { certificate } from "./certificate.js";

const format = { framing: lengthPrefixed() };

/** @typedef {import("holdfast").Connection | import("holdfast").Session} Talk */

/**
 * @typedef {object} Kind
 * @property {string} name
 * @property {(endpoint: string) => Promise<Talk>} open
 * @property {(handler: (talk: Talk) => Promise<void>) => Promise<{ endpoint: string }>} serve
 */

/** @type {Kind} */
const connection = {
  name: "holdfast",
  open: (endpoint) => connect(endpoint, format),
  serve: (handler) => serve("tcp://127.0.0.1:0", handler, { ...format, onError: fail }),
};

/** @type {Kind} */
const session = {
  name: "session",
  open: (endpoint) => openSession(endpoint),
  serve: (handler) => serveSessions("tcp://127.0.0.1:0", handler, { onError: fail }),
};

/** @type {Kind} */
const secure = {
  name: "tls://",
  open: (endpoint) => connect(endpoint, { ...format, tls: { verify: false } }),
  serve: async (handler) =>
    serve("tls://127.0.0.1:0", handler, { ...format, tls: await certificate(), onError: fail }),
};

/** @type {Kind} */
const webSocket = {
  name: "ws://",
  open: (endpoint) => connect(endpoint),
  serve: (handler) => serve("ws://127.0.0.1:0", handler, { onError: fail }),
};

/** @type {Kind} */
const webSession = {
  name: "session over ws://",
  open: (endpoint) => openSession(endpoint),
  serve: (handler) => serveSessions("ws://127.0.0.1:0", handler, { onError: fail }),
};

/** Message by message, each awaited. */
export const awaited = awaitedOver(connection);
/** All that has arrived at once; sent without a promise while there is room. */
export const batches = batchesOver(connection);
export const sessionAwaited = awaitedOver(session);
export const sessionBatches = batchesOver(session);
export const tlsAwaited = awaitedOver(secure);
export const tlsBatches = batchesOver(secure);
export const wsAwaited = awaitedOver(webSocket);
export const wsBatches = batchesOver(webSocket);
export const wsSessionAwaited = awaitedOver(webSession);
export const wsSessionBatches = batchesOver(webSession);

/** @param {Kind} kind @returns {import("./contender.js").Contender} */
function batchesOver(kind) {
  return {
    name: `${kind.name}, batches()`,
    echo: (onConnection) =>
      served(kind, async (talk) => {
        const onMessage = onConnection();
        for await (const messages of talk.batches()) {
          for (const message of messages) {
            onMessage(message);
            if (!talk.trySend(message)) await talk.send(message);
          }
        }
      }),
    flood: (flow) =>
      floodedBy(kind, async (talk) => {
        for (let message = flow.next(); message !== undefined; message = flow.next()) {
          if (!talk.trySend(message)) await talk.send(message);
        }
      }),
    async open(endpoint, onMessage) {
      const talk = await kind.open(endpoint);
      const read = async () => {
        for await (const messages of talk.batches()) {
          for (const message of messages) onMessage(message);
        }
      };
      read().catch(fail);
      return (message) => void talk.send(message);
    },
  };
}

/** @param {Kind} kind @returns {import("./contender.js").Contender} */
function awaitedOver(kind) {
  return {
    name: `${kind.name}, awaited`,
    echo: (onConnection) =>
      served(kind, async (talk) => {
        const onMessage = onConnection();
        for await (const message of talk) {
          onMessage(message);
          await talk.send(message);
        }
      }),
    flood: (flow) =>
      floodedBy(kind, async (talk) => {
        for (let message = flow.next(); message !== undefined; message = flow.next()) {
          await talk.send(message);
        }
      }),
    async open(endpoint, onMessage) {
      const talk = await kind.open(endpoint);
      const read = async () => {
        for await (const message of talk) onMessage(message);
      };
      read().catch(fail);
      return (message) => void talk.send(message);
    },
  };
}

/** @param {Kind} kind @param {(talk: Talk) => Promise<void>} handler */
async function served(kind, handler) {
  const { endpoint } = await kind.serve(handler);
  return endpoint;
}

/** @param {Kind} kind @param {(talk: Talk) => Promise<void>} handler */
async function floodedBy(kind, handler) {
  /** @type {() => void} */
  let finish = () => {};
  const flooded = new Promise((/** @type {(value: void) => void} */ resolve) => {
    finish = resolve;
  });
  const endpoint = await served(kind, async (talk) => {
    await handler(talk);
    finish();
  });
  return { endpoint, flooded };
}

/** A failed check ends the process, and with it the run. @param {unknown} error */
function fail(error) {
  queueMicrotask(() => {
    throw error;
  });
}
