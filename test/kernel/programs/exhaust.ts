// Serves an endpoint as `listen` does, and on stdin's word opens files until there is no descriptor left (`fill`),
// closes them again (`free`), or dials an endpoint and says how it went (`dial ENDPOINT`).
// `exhaust.js ENDPOINT`

import { closeSync, openSync } from "node:fs";
import { createInterface } from "node:readline";
import { connect, lines, serve } from "../../../src/index.js";
import { errorReport, report } from "./report.js";

const [endpoint = ""] = process.argv.slice(2);
const server = await serve(
  endpoint,
  async (connection) => {
    for await (const line of connection) await connection.send(line);
  },
  { framing: lines() },
);
report({ event: "listening", endpoint: server.endpoint });

const files: number[] = [];
for await (const line of createInterface(process.stdin)) {
  const [word, to = ""] = line.split(" ");
  if (word === "fill") fill();
  else if (word === "free") {
    for (const file of files.splice(0)) closeSync(file);
    report({ event: "free" });
  } else {
    try {
      const connection = await connect(to);
      connection.abort();
      report({ event: "connected" });
    } catch (error) {
      report({ event: "failed", error: errorReport(error) });
    }
  }
}

function fill(): void {
  try {
    for (;;) files.push(openSync("/dev/null", "r"));
  } catch {
    report({ event: "full" });
  }
}
