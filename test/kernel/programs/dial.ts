// Connects to an endpoint and says how it went; then what it receives, line by line, and how it ended.
// `dial.js ENDPOINT [OPTIONS [UID]]`; what comes on stdin is sent. With UID as that user, once all is loaded.

import { createInterface } from "node:readline";
import { type ConnectOptions, connect, lines } from "../../../src/index.js";
import { errorReport, report } from "./report.js";

const [endpoint = "", given = "{}", uid] = process.argv.slice(2);
const options: ConnectOptions<string> = JSON.parse(given);
if (uid !== undefined) process.setuid?.(Number(uid));
try {
  const connection = await connect(endpoint, { ...options, framing: lines() });
  report({ event: "open", local: connection.local, remote: connection.remote });
  createInterface(process.stdin).on("line", (line) => void connection.send(line));
  try {
    for await (const line of connection) report({ event: "line", line });
    report({ event: "end" });
    await connection.close();
  } catch (error) {
    report({ event: "broken", error: errorReport(error) });
  }
  const { by, reason } = await connection.closed;
  report({ event: "closed", by, reason });
} catch (error) {
  report({ event: "failed", error: errorReport(error) });
}
process.stdin.destroy();
