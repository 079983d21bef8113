// Holdfast's plain connection under lengthPrefixed(), in the two ways that its guide shows.

import { connect, lengthPrefixed, serve } from "holdfast";

const format = { framing: lengthPrefixed() };

/** All that has arrived at once; sent without a promise while there is room. @type {import("./contender.js").Contender} */
export const batches = {
  name: "holdfast, batches()",
  echo: (onConnection) =>
    served(async (connection) => {
      const onMessage = onConnection();
      for await (const messages of connection.batches()) {
        for (const message of messages) {
          onMessage(message);
          if (!connection.trySend(message)) await connection.send(message);
        }
      }
    }),
  flood: (flow) =>
    floodedBy(async (connection) => {
      for (let message = flow.next(); message !== undefined; message = flow.next()) {
        if (!connection.trySend(message)) await connection.send(message);
      }
    }),
  async open(endpoint, onMessage) {
    const connection = await connect(endpoint, format);
    const read = async () => {
      for await (const messages of connection.batches()) {
        for (const message of messages) onMessage(message);
      }
    };
    read().catch(fail);
    return (message) => void connection.send(message);
  },
};

/** Message by message, each awaited. @type {import("./contender.js").Contender} */
export const awaited = {
  name: "holdfast, awaited",
  echo: (onConnection) =>
    served(async (connection) => {
      const onMessage = onConnection();
      for await (const message of connection) {
        onMessage(message);
        await connection.send(message);
      }
    }),
  flood: (flow) =>
    floodedBy(async (connection) => {
      for (let message = flow.next(); message !== undefined; message = flow.next()) {
        await connection.send(message);
      }
    }),
  async open(endpoint, onMessage) {
    const connection = await connect(endpoint, format);
    const read = async () => {
      for await (const message of connection) onMessage(message);
    };
    read().catch(fail);
    return (message) => void connection.send(message);
  },
};

/** @param {(connection: import("holdfast").Connection) => Promise<void>} handler */
async function served(handler) {
  const { endpoint } = await serve("tcp://127.0.0.1:0", handler, { ...format, onError: fail });
  return endpoint;
}

/** @param {(connection: import("holdfast").Connection) => Promise<void>} handler */
async function floodedBy(handler) {
  /** @type {() => void} */
  let finish = () => {};
  const flooded = new Promise((/** @type {(value: void) => void} */ resolve) => {
    finish = resolve;
  });
  const endpoint = await served(async (connection) => {
    await handler(connection);
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
