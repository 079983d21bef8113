// Serves sessions: each message comes back to its sender. Says where it listens, and who is refused.
// `echo-sessions.js ENDPOINT`

import { serveSessions, text } from "../../../src/index.js";
import { report } from "./report.js";

const [endpoint = ""] = process.argv.slice(2);
const server = await serveSessions<string>(
  endpoint,
  async (session) => {
    for await (const message of session) await session.send(message);
  },
  {
    encoding: text(),
    observer: ({ name, reason }) => {
      if (name === "refused") report({ event: name, reason });
    },
  },
);
report({ event: "listening", endpoint: server.endpoint });
