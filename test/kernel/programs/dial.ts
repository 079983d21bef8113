// Connects to an endpoint and says how it went; then what it receives, line by line, and how it ended.
// `dial.js ENDPOINT [OPTIONS]`; what comes on stdin is sent.

import { createInterface } from "node:readline";
import { type ConnectOptions, connect, lines } from "../../../src/index.js";
import { errorReport, report } from "./report.js";

const [endpoint = "", given = "{}"] = process.argv.slice(2);
const options: ConnectOptions<string> = JSON.parse(given);
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
