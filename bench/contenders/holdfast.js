// Holdfast's plain connection under lengthPrefixed(), in the two ways that its guide shows.

import { connect, lengthPrefixed, serve } from "holdfast";

const format = { framing: lengthPrefixed() };

/** @type {import("./contender.js").Contender["open"]} */
async function open(endpoint, onMessage) {
  const connection = await connect(endpoint, format);
  read(connection, onMessage).catch(fail);
  return (message) => void connection.send(message);
}

/** @param {AsyncIterable<Uint8Array>} connection @param {import("./contender.js").OnMessage} onMessage */
async function read(connection, onMessage) {
  for await (const message of connection) onMessage(message);
}

/** All that has arrived at once; sent without a promise while there is room. @type {import("./contender.js").Contender} */
export const batches = {
  name: "holdfast, batches()",
  open,
  async serve(onConnection, echo) {
    const { endpoint } = await serve(
      "tcp://127.0.0.1:0",
      async (connection) => {
        const onMessage = onConnection();
        for await (const messages of connection.batches()) {
          for (const message of messages) {
            onMessage(message);
            if (echo) await connection.send(message);
          }
        }
      },
      { ...format, onError: fail },
    );
    return endpoint;
  },
  async flood(endpoint, flow) {
    const connection = await connect(endpoint, format);
    for (let message = flow.next(); message !== undefined; message = flow.next()) {
      if (!connection.trySend(message)) await connection.send(message);
    }
    await connection.close();
  },
};

/** Message by message, each awaited. @type {import("./contender.js").Contender} */
export const awaited = {
  name: "holdfast, awaited",
  open,
  async serve(onConnection, echo) {
    const { endpoint } = await serve(
      "tcp://127.0.0.1:0",
      async (connection) => {
        const onMessage = onConnection();
        for await (const message of connection) {
          onMessage(message);
          if (echo) await connection.send(message);
        }
      },
      { ...format, onError: fail },
    );
    return endpoint;
  },
  async flood(endpoint, flow) {
    const connection = await connect(endpoint, format);
    for (let message = flow.next(); message !== undefined; message = flow.next()) {
      await connection.send(message);
    }
    await connection.close();
  },
};

/** A failed check ends the process, and with it the run. @param {unknown} error */
function fail(error) {
  queueMicrotask(() => {
    throw error;
  });
}
