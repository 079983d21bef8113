// Serves an endpoint: each line comes back to its sender. Says where it listens, who comes, goes and is refused.
// `listen.js ENDPOINT [OPTIONS [UID]]`; with UID as that user, once all is loaded.

import { lines, type ServeOptions, serve } from "../../../src/index.js";
import { errorReport, report } from "./report.js";

const [endpoint = "", given = "{}", uid] = process.argv.slice(2);
const options: ServeOptions<string> = JSON.parse(given);
if (uid !== undefined) process.setuid?.(Number(uid));
try {
  const server = await serve(
    endpoint,
    async (connection) => {
      for await (const line of connection) await connection.send(line);
    },
    {
      ...options,
      framing: lines(),
      observer: ({ name, kind, by, reason, count, error }) => {
        if (kind === "connection" || name === "refused") {
          report({ event: name, by, reason, count, error: error && errorReport(error) });
        }
      },
    },
  );
  report({ event: "listening", endpoint: server.endpoint });
} catch (error) {
  report({ event: "failed", error: errorReport(error) });
}
